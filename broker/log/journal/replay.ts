import type { Disk } from '../../../kit/index.ts'
import {
  baseOffset,
  batchSizeBytes,
  computeCrc,
  crc,
  magic,
  partitionLeaderEpoch,
} from '../batch.ts'
import { LogStoreError } from '../errors.ts'
import { JOURNAL_FORMAT_VERSION, JOURNAL_HEADER_BYTES, readJournalHeader } from './file-header.ts'
import type { FrameEntry, FrameHeader } from './frame.ts'
import {
  ENTRY_KIND,
  FRAME_ALIGNMENT,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  readFrameEntries,
  readFrameHeader,
} from './frame.ts'

/** What replay needs of a disk. */
type JournalDisk = Pick<Disk, 'open' | 'list'>

/** A frame that survived. */
export interface ReplayFrame {
  readonly sequence: number
  readonly bytes: Buffer
  /** Where the frame begins in `bytes`; entries count from here. */
  readonly start: number
  readonly entries: readonly FrameEntry[]
  /** Entries whose batch is damaged although it was durable; the header is sound. */
  readonly damaged: ReadonlySet<FrameEntry>
}

export interface ReplayEnd {
  /** Sequence after the last frame that counts. */
  readonly nextSequence: number
  /** Higher than the id of any file. */
  readonly nextFileId: number
  /** Whole frames beyond the torn one, which had reached the disk before it did. */
  readonly tornFrames: number
}

interface UsedFile {
  readonly path: string
  readonly fileId: number
  readonly firstSequence: number
  readonly nonce: number
}

interface Survey {
  readonly used: readonly UsedFile[]
  /** Files without a sound header. */
  readonly unused: readonly string[]
}

/**
 * Ids that the run before may have given to files whose headers were lost, while frames of theirs
 * were not: such a frame must never be taken for one of a new file. Between two checkpoints, which
 * record the next id, each journal file is begun once at most, and there are far fewer files.
 */
const UNSEEN_FILE_IDS = 1024

/**
 * Reads the journal from the frame `replayFrom` on and hands every frame that counts to `visit`, in
 * order. The tail that was being written when power was lost may be torn: pages reach the disk in
 * any order, so a bad frame at or beyond the highest sequence that any sound frame calls durable
 * ends the journal. A bad frame below it is corruption: its damaged batches are marked when the
 * header is sound; otherwise nobody knows whose they were, and a LogStoreError is thrown.
 */
export async function replayJournal(
  disk: JournalDisk,
  directory: string,
  replayFrom: number,
  firstFileId: number,
  visit: (frame: ReplayFrame) => Promise<void>,
): Promise<ReplayEnd> {
  const { used, unused } = await survey(disk, directory)
  const firstUnseenId = Math.max(firstFileId, ...used.map((file) => file.fileId + 1))
  let expected = replayFrom
  let tornFrames = 0
  const first = used.findLastIndex((file) => file.firstSequence <= replayFrom)
  if (first < 0 && used.length > 0) throw damaged(`frames from ${replayFrom} on are missing`)
  for (let i = Math.max(0, first); i < used.length; i++) {
    const file = used[i]
    if (file === undefined) break
    const limit = used[i + 1]?.firstSequence ?? Infinity
    const bytes = await readWhole(disk, file.path)
    const walk = new FileWalk(bytes, file, replayFrom, limit)
    for (let frame = walk.next(); frame; frame = walk.next()) {
      if (frame.sequence >= replayFrom) await visit(frame)
    }
    expected = Math.max(expected, Math.min(limit, walk.expected))
    tornFrames += walk.tornFrames
  }
  await refuseLostHeader(disk, unused, firstUnseenId, expected)
  return { nextSequence: expected, nextFileId: firstUnseenId + UNSEEN_FILE_IDS, tornFrames }
}

/** A file whose header is lost may hold only frames that were never durable. */
async function refuseLostHeader(
  disk: JournalDisk,
  paths: readonly string[],
  firstNewFileId: number,
  nextSequence: number,
): Promise<void> {
  for (const path of paths) {
    const start = await readPart(disk, path, () => JOURNAL_HEADER_BYTES + FRAME_HEADER_BYTES)
    const hasFrame =
      start.length > JOURNAL_HEADER_BYTES &&
      start.readUInt32BE(JOURNAL_HEADER_BYTES) === FRAME_MAGIC
    if (!hasFrame) continue
    const bytes = await readWhole(disk, path)
    const ahead = scanAhead(
      bytes,
      JOURNAL_HEADER_BYTES,
      undefined,
      (header) => header.fileId >= firstNewFileId,
    )
    if (ahead.durableSequence >= nextSequence) throw damaged(`${path} lost its header`)
  }
}

/** Walks the frames of one file. */
class FileWalk {
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #file: UsedFile
  readonly #replayFrom: number
  readonly #limit: number
  #position = JOURNAL_HEADER_BYTES
  expected: number
  tornFrames = 0

  constructor(bytes: Buffer, file: UsedFile, replayFrom: number, limit: number) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#file = file
    this.#replayFrom = replayFrom
    this.#limit = limit
    this.expected = file.firstSequence
  }

  /** The next frame; undefined at the end of what counts in this file. */
  next(): ReplayFrame | undefined {
    // The next file's header proves that what comes before it is durable; the rest was written again there.
    if (this.expected >= this.#limit) return undefined
    const start = this.#position
    const header = readFrameHeader(this.#bytes, this.#view, start, this.#file.nonce)
    const isSound =
      header !== undefined &&
      header.fileId === this.#file.fileId &&
      header.sequence === this.expected &&
      start + header.lengthBytes <= this.#bytes.length
    if (!isSound) {
      if (this.#wasDurable(start + FRAME_ALIGNMENT)) {
        throw damaged(`frame ${this.expected} of ${this.#file.path} is unreadable`)
      }
      return undefined
    }
    const entries = readFrameEntries(this.#bytes, this.#view, start, header.entryCount)
    const damagedEntries = new Set(
      entries.filter((entry) => entry.kind === ENTRY_KIND.batch && !this.#isIntact(start, entry)),
    )
    const end = start + header.lengthBytes
    if (damagedEntries.size > 0 && !this.#wasDurable(end)) return undefined
    this.#position = end
    this.expected++
    const { sequence } = header
    return { sequence, bytes: this.#bytes, start, entries, damaged: damagedEntries }
  }

  /**
   * Whether the expected frame, which is bad, was durable and is needed. A file that was free is
   * overwritten from its start, and power loss may leave its former header with what is left of its
   * former frames; a checkpoint covers all of those.
   */
  #wasDurable(from: number): boolean {
    if (this.#limit !== Infinity) return true
    const ahead = scanAhead(
      this.#bytes,
      from,
      this.#file.nonce,
      (header) => header.fileId === this.#file.fileId && header.sequence > this.expected,
    )
    if (ahead.durableSequence >= Math.max(this.expected, this.#replayFrom)) return true
    this.tornFrames = ahead.count
    return false
  }

  #isIntact(start: number, entry: FrameEntry): boolean {
    const at = start + entry.position
    if (at + entry.lengthBytes > this.#bytes.length || entry.lengthBytes < 61) return false
    return (
      magic(this.#bytes, at) === 2 &&
      batchSizeBytes(this.#bytes, at) === entry.lengthBytes &&
      baseOffset(this.#bytes, at) === entry.offset &&
      partitionLeaderEpoch(this.#bytes, at) === entry.leaderEpoch &&
      computeCrc(this.#bytes, at) === crc(this.#bytes, at)
    )
  }
}

const MAGIC_BYTES = Buffer.alloc(4)
MAGIC_BYTES.writeUInt32BE(FRAME_MAGIC)

/**
 * Looks for sound frames anywhere from `from` on. Every start comes here, with nearly a whole file of zeros behind
 * the last frame: `indexOf` gets over those four times as fast as a look at each place where a frame may begin.
 */
function scanAhead(
  bytes: Buffer,
  from: number,
  nonce: number | undefined,
  counts: (header: FrameHeader) => boolean,
): { readonly durableSequence: number; readonly count: number } {
  const view = viewOf(bytes)
  let durableSequence = -1
  let count = 0
  const next = (after: number): number => bytes.indexOf(MAGIC_BYTES, after)
  for (let at = next(from); at >= 0; at = next(at + 1)) {
    if ((at - from) % FRAME_ALIGNMENT !== 0) continue
    const header = readFrameHeader(bytes, view, at, nonce)
    if (header === undefined || !counts(header)) continue
    durableSequence = Math.max(durableSequence, header.durableSequence)
    count++
  }
  return { durableSequence, count }
}

async function survey(disk: JournalDisk, directory: string): Promise<Survey> {
  const used: UsedFile[] = []
  const unused: string[] = []
  for (const name of await disk.list(directory)) {
    const path = `${directory}/${name}`
    const header = readJournalHeader(await readStart(disk, path))
    if (header.kind === 'newer') {
      throw new LogStoreError(
        'newer-format',
        `${path} has format ${header.version}; this program knows ${JOURNAL_FORMAT_VERSION}`,
      )
    }
    if (header.kind === 'used') {
      await makeDurable(disk, path)
      used.push({ path, ...header })
    } else {
      unused.push(path)
    }
  }
  used.sort((a, b) => a.fileId - b.fileId)
  return { used, unused }
}

/**
 * After the process alone was killed its last frames are in the page cache and perhaps nowhere else.
 * Recovery removes files for what they say, so they must not be lost after that.
 */
async function makeDurable(disk: JournalDisk, path: string): Promise<void> {
  const file = await disk.open(path, 'write')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function readStart(disk: JournalDisk, path: string): Promise<Buffer> {
  return readPart(disk, path, () => JOURNAL_HEADER_BYTES)
}

function readWhole(disk: JournalDisk, path: string): Promise<Buffer> {
  return readPart(disk, path, (sizeBytes) => sizeBytes)
}

async function readPart(
  disk: JournalDisk,
  path: string,
  lengthOf: (sizeBytes: number) => number,
): Promise<Buffer> {
  const file = await disk.open(path, 'read')
  try {
    // Not filled with zeros, which takes as long as reading; what was not read is cut off.
    const bytes = Buffer.allocUnsafeSlow(lengthOf(await file.size()))
    return bytes.subarray(0, await file.read(bytes, 0))
  } finally {
    await file.close()
  }
}

function damaged(what: string): LogStoreError {
  return new LogStoreError('corrupt', `the journal is damaged: ${what}`)
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
