import { createHash } from 'node:crypto'
import type { DiskFile } from '../../kit/index.ts'
import type { ImageSegment, IoThrottle } from '../log/index.ts'
import { BatchStream, SegmentIndexer } from '../log/index.ts'
import { BackupFault } from './manifest.ts'

/** Bytes that are read, checked and written at a time. */
export const PIECE_BYTES = 1024 * 1024
/** Written bytes after which a file is synced: one large sync would hold up the broker's own. */
const SYNC_BYTES = 8 * PIECE_BYTES

export interface FilePass {
  readonly path: string
  readonly sizeBytes: number
  readonly read: (position: number, target: Buffer) => Promise<number>
  /** When it is one, its batches are checked on the way. */
  readonly segment: ImageSegment | undefined
  /** Where the bytes go; none when they are only looked at. */
  readonly target: DiskFile | null
  readonly throttle: IoThrottle | null
  /** Used again for every file. */
  readonly buffer: Buffer
  readonly onPiece: (sizeBytes: number) => Promise<void>
}

export interface PassedFile {
  /** In hex. */
  readonly sha256: string
  /** Content of its index file, when it is a segment. */
  readonly index: Buffer | null
}

/**
 * Takes the bytes of a file from one place to another, or only looks at them; durable when it
 * resolves. Throws a BackupFault when the file is shorter than it should be, a DamagedError for a
 * segment that is not as it was written, the disk's error otherwise.
 */
export async function passFile(pass: FilePass): Promise<PassedFile> {
  const { path, sizeBytes, segment, target, throttle, buffer } = pass
  const hash = createHash('sha256')
  const indexer = segment ? new SegmentIndexer() : null
  const batches = segment
    ? new BatchStream({
        ...{
          name: path,
          sizeBytes,
          baseOffset: segment.baseOffset,
          nextOffset: segment.nextOffset,
        },
        onBatch: (bytes, at, position) => indexer?.add(bytes, at, position),
      })
    : null
  let unsyncedBytes = 0
  for (let position = 0; position < sizeBytes; ) {
    const piece = buffer.subarray(0, Math.min(buffer.length, sizeBytes - position))
    await throttle?.spend(piece.length)
    const count = await pass.read(position, piece)
    if (count < piece.length) throw new BackupFault(`${path} is shorter than ${sizeBytes} bytes`)
    hash.update(piece)
    batches?.push(piece)
    await target?.write([piece], position)
    position += count
    unsyncedBytes += count
    if (unsyncedBytes >= SYNC_BYTES) {
      await target?.sync()
      unsyncedBytes = 0
    }
    await pass.onPiece(count)
  }
  batches?.end()
  await target?.sync()
  return { sha256: hash.digest('hex'), index: indexer?.encode() ?? null }
}
