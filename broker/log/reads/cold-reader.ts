import { BATCH_HEADER_BYTES, baseOffset, batchSizeBytes, lastOffset, magic } from '../batch.ts'
import type { FileCache } from '../segments/file-cache.ts'
import type { IndexCache } from '../segments/index-cache.ts'
import { CorruptSegmentError } from '../segments/index-file.ts'
import type { Segment } from '../segments/segment.ts'

export interface ColdRequest {
  readonly offset: number
  /** Batches from here on are not for this reader. */
  readonly upperOffset: number
  readonly maxBytes: number
  /** Give one batch even when it is larger than `maxBytes`. */
  readonly mayExceed: boolean
  /** Least that is read from the file at a time. */
  readonly readBytes: number
}

export interface ColdBatches {
  readonly pieces: readonly Uint8Array[]
  readonly sizeBytes: number
  readonly nextOffset: number
}

/**
 * Reads batches of one segment, from the one that holds `offset` (or the first after it). Undefined
 * when the segment has none.
 */
export async function readSegment(
  segment: Segment,
  files: FileCache,
  indexes: IndexCache,
  request: ColdRequest,
): Promise<ColdBatches | undefined> {
  const endPosition = segment.sizeBytes
  const index = indexes.peek(segment) ?? (await indexes.get(segment))
  let position = index.positionOf(request.offset)
  while (position < endPosition) {
    const wantedBytes = Math.max(request.readBytes, request.maxBytes + request.readBytes / 4)
    const bytes = await readAt(
      segment,
      files,
      position,
      Math.min(wantedBytes, endPosition - position),
    )
    const start = skipTo(segment, bytes, position, request.offset)
    // Nothing of it reaches the offset: go on behind the batches that were seen.
    if (start.at + BATCH_HEADER_BYTES > bytes.length) {
      if (start.at === 0) throw new CorruptSegmentError(segment, position)
      position += start.at
      continue
    }
    const found = take(segment, bytes, start.at, position, request)
    if (found.sizeBytes > 0 || !request.mayExceed) return found
    if (baseOffset(bytes, start.at) >= request.upperOffset) return found
    return readOne(segment, files, bytes, start.at, position)
  }
  return undefined
}

/** Where the first batch that ends above `offset` begins; past the end when it is not in `bytes`. */
function skipTo(
  segment: Segment,
  bytes: Buffer,
  position: number,
  offset: number,
): { readonly at: number } {
  let at = 0
  while (at + BATCH_HEADER_BYTES <= bytes.length) {
    checkHeader(segment, bytes, at, position)
    if (lastOffset(bytes, at) >= offset) break
    at += batchSizeBytes(bytes, at)
  }
  return { at }
}

/** Whole batches from `start` that fit. */
function take(
  segment: Segment,
  bytes: Buffer,
  start: number,
  position: number,
  request: ColdRequest,
): ColdBatches {
  let end = start
  let nextOffset = request.offset
  while (end + BATCH_HEADER_BYTES <= bytes.length) {
    checkHeader(segment, bytes, end, position)
    const after = end + batchSizeBytes(bytes, end)
    if (after > bytes.length) break
    const isFirst = end === start
    if (after - start > request.maxBytes && !(isFirst && request.mayExceed)) break
    if (lastOffset(bytes, end) >= request.upperOffset) break
    nextOffset = lastOffset(bytes, end) + 1
    end = after
  }
  const sizeBytes = end - start
  return { pieces: sizeBytes > 0 ? [bytes.subarray(start, end)] : [], sizeBytes, nextOffset }
}

/** A single batch that is larger than what was read. */
async function readOne(
  segment: Segment,
  files: FileCache,
  bytes: Buffer,
  at: number,
  position: number,
): Promise<ColdBatches> {
  const sizeBytes = batchSizeBytes(bytes, at)
  const batch = await readAt(segment, files, position + at, sizeBytes)
  if (batch.length < sizeBytes) throw new CorruptSegmentError(segment, position + at)
  return { pieces: [batch], sizeBytes, nextOffset: lastOffset(batch) + 1 }
}

/** The bytes at a position of the segment, fewer at its end. */
export async function readAt(
  segment: Segment,
  files: FileCache,
  position: number,
  sizeBytes: number,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.ceil(sizeBytes))
  const count = await files.use(segment.logPath, (file) => file.read(bytes, position))
  return bytes.subarray(0, count)
}

function checkHeader(segment: Segment, bytes: Buffer, at: number, position: number): void {
  if (magic(bytes, at) === 2 && batchSizeBytes(bytes, at) >= BATCH_HEADER_BYTES) return
  throw new CorruptSegmentError(segment, position + at)
}
