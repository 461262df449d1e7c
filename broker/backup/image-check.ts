import { HistoryError, parseCheckpoint, RecordsCheck } from '../../audit/index.ts'
import type { Disk } from '../../kit/index.ts'
import { readWholeFile } from '../../kit/index.ts'
import { batchesIn, decodeRecords } from '../../protocol/index.ts'
import { AUDIT_TOPIC } from '../control/index.ts'
import type { ImageLog } from '../log/index.ts'
import { BatchStream, LogImage } from '../log/index.ts'
import { FileReader } from './file-reader.ts'
import type { BackupHistory } from './manifest.ts'
import { BackupFault } from './manifest.ts'
import { PIECE_BYTES } from './pass-file.ts'

/** What the files of a data directory amount to, as recovery would have them. */
export interface CheckedImage {
  readonly logs: readonly ImageLog[]
  readonly journalSequence: number
  readonly quarantined: readonly string[]
  readonly clusterId: string
  readonly history: BackupHistory
}

/**
 * Reads the journal and the history below a directory, without changing anything: that the journal
 * is whole, and that the history is what its last checkpoint was signed over. Throws a DamagedError,
 * LogStoreError, HistoryError or BackupFault that says what is not.
 */
export async function checkImage(disk: Disk, directory: string): Promise<CheckedImage> {
  const checkpointBytes = await readWholeFile(disk, `${directory}/checkpoint`)
  if (checkpointBytes === null) throw new BackupFault('checkpoint is missing')
  const image = new LogImage(checkpointBytes)
  const checkpoint = await lastCheckpoint(disk, directory)
  const check = new RecordsCheck(checkpoint === null ? null : parseCheckpoint(checkpoint))
  const origin = new OriginFinder(check)
  for await (const batch of historyInSegments(disk, directory, image)) origin.take(batch)
  const { logs, journalSequence } = await image.replay(
    disk,
    directory,
    ({ topicId, batch }) => topicId === AUDIT_TOPIC.id && origin.take(batch),
  )
  const { clusterId } = origin
  if (clusterId === null) throw new HistoryError('there is no history')
  const { quarantined } = image
  return {
    logs,
    journalSequence,
    quarantined,
    clusterId,
    history: { ...check.finish(), checkpoint },
  }
}

/** Gives the records of batches to the check, and keeps what record 0 says. */
class OriginFinder {
  readonly #check: RecordsCheck
  clusterId: string | null = null

  constructor(check: RecordsCheck) {
    this.#check = check
  }

  take(bytes: Buffer): void {
    for (const batch of batchesIn(bytes)) {
      for (const { value } of decodeRecords(batch)) {
        const stored = Uint8Array.from(value ?? [])
        this.#check.take(stored)
        this.clusterId ??= clusterIdIn(stored)
      }
    }
  }
}

/** Record 0 is about the cluster. */
function clusterIdIn(stored: Uint8Array): string {
  const record = JSON.parse(Buffer.from(stored).toString()) as { resource: { name: string } }
  return record.resource.name
}

/** The batches of a piece of `__audit` at a time, as they lie in its segments. */
async function* historyInSegments(
  disk: Disk,
  directory: string,
  image: LogImage,
): AsyncGenerator<Buffer> {
  const files = new FileReader(disk, directory)
  const buffer = Buffer.alloc(PIECE_BYTES)
  try {
    for (const segment of image.segments()) {
      if (segment.topicId !== AUDIT_TOPIC.id) continue
      const { path, sizeBytes, baseOffset, nextOffset } = segment
      const found: Buffer[] = []
      const stream = new BatchStream({
        ...{ name: path, sizeBytes, baseOffset, nextOffset },
        onBatch: (bytes, at) => found.push(copyOfBatch(bytes, at)),
      })
      for (let position = 0; position < sizeBytes; ) {
        const piece = buffer.subarray(0, Math.min(buffer.length, sizeBytes - position))
        const count = await files.read(path, position, piece)
        if (count < piece.length)
          throw new BackupFault(`${path} is shorter than ${sizeBytes} bytes`)
        stream.push(piece)
        position += count
        yield* found.splice(0)
      }
      stream.end()
    }
  } finally {
    await files.close()
  }
}

function copyOfBatch(bytes: Buffer, at: number): Buffer {
  // Base offset and length come before what the length counts.
  return Buffer.from(bytes.subarray(at, at + 12 + bytes.readInt32BE(at + 8)))
}

/** More than any checkpoint has. */
const TAIL_BYTES = 256 * 1024
/** How the signatures of a note begin. */
const SIGNATURE = '\u2014 '

/** The text of the last whole note in the file of checkpoints; null when there is none. */
async function lastCheckpoint(disk: Disk, directory: string): Promise<string | null> {
  const path = `${directory}/audit/checkpoints`
  if (!(await disk.exists(path))) return null
  const file = await disk.open(path, 'read')
  try {
    const sizeBytes = await file.size()
    const bytes = Buffer.alloc(Math.min(TAIL_BYTES, sizeBytes))
    const count = await file.read(bytes, sizeBytes - bytes.length)
    // An empty line lies between text and signatures of a note, and another one ends it.
    const parts = bytes.toString('utf8', 0, count).split('\n\n')
    const last = parts.findLastIndex(
      (part, at) => at > 0 && at < parts.length - 1 && part.startsWith(SIGNATURE),
    )
    return last < 0 ? null : `${parts[last - 1]}\n\n${parts[last]}\n`
  } finally {
    await file.close()
  }
}
