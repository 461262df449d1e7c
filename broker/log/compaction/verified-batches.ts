import {
  BATCH_HEADER_BYTES,
  baseOffset,
  batchSizeBytes,
  computeCrc,
  crc,
  lastOffset,
  magic,
} from '../batch.ts'
import type { FileCache } from '../segments/file-cache.ts'
import { CorruptSegmentError } from '../segments/index-file.ts'
import type { Segment } from '../segments/segment.ts'

export interface ScanOptions {
  readonly files: FileCache
  /** Where to begin; a batch must begin there. */
  readonly fromPosition: number
  /** Used again for every read. */
  readonly buffer: Buffer
  /** No batch can be larger. */
  readonly maxBatchBytes: number
  /** Told of every read before its bytes are looked at. */
  readonly onRead: (sizeBytes: number) => Promise<void>
}

/**
 * The batches of a closed segment in order, each a view that holds until the next one is asked for.
 * Throws a CorruptSegmentError for one whose header or checksum is wrong: nothing behind it can be
 * trusted, and rewriting it would hide the damage under a new checksum.
 */
export async function* verifiedBatches(
  segment: Segment,
  options: ScanOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { maxBatchBytes } = options
  let { buffer } = options
  let position = options.fromPosition
  let offset = -1
  while (position < segment.sizeBytes) {
    const bytes = await readInto(buffer, segment, position, options)
    let at = 0
    while (at + BATCH_HEADER_BYTES <= bytes.length) {
      const sizeBytes = batchSizeBytes(bytes, at)
      const isSound =
        magic(bytes, at) === 2 &&
        sizeBytes >= BATCH_HEADER_BYTES &&
        sizeBytes <= Math.min(maxBatchBytes, segment.sizeBytes - position - at) &&
        baseOffset(bytes, at) > offset
      if (!isSound) throw new CorruptSegmentError(segment, position + at)
      if (at + sizeBytes > bytes.length) break
      if (computeCrc(bytes, at) !== crc(bytes, at)) {
        throw new CorruptSegmentError(segment, position + at)
      }
      offset = lastOffset(bytes, at)
      yield bytes.subarray(at, at + sizeBytes)
      at += sizeBytes
    }
    if (at === 0) {
      // The buffer is smaller than the batch, or the file shorter than it was.
      const wantedBytes = bytes.length < BATCH_HEADER_BYTES ? 0 : batchSizeBytes(bytes, 0)
      if (wantedBytes <= buffer.length) throw new CorruptSegmentError(segment, position)
      buffer = Buffer.allocUnsafeSlow(wantedBytes)
    } else {
      buffer = options.buffer
    }
    position += at
  }
}

async function readInto(
  buffer: Buffer,
  segment: Segment,
  position: number,
  { files, onRead }: ScanOptions,
): Promise<Buffer> {
  const target = buffer.subarray(0, Math.min(buffer.length, segment.sizeBytes - position))
  await onRead(target.length)
  const count = await files.use(segment.logPath, (file) => file.read(target, position))
  return target.subarray(0, count)
}
