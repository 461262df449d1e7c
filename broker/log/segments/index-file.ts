import {
  BATCH_HEADER_BYTES,
  baseOffset,
  batchSizeBytes,
  lastOffset,
  magic,
  maxTimestamp,
} from '../batch.ts'
import { getInt53 } from '../integers.ts'
import type { FileCache } from './file-cache.ts'
import { INDEX_ENTRY_BYTES, SegmentIndex } from './offset-index.ts'
import type { Segment } from './segment.ts'

const SCAN_BYTES = 1024 * 1024
const MAX_UNCOVERED_BYTES = 8 * 1024 * 1024

/** What the bytes of an index file say, or undefined when they cannot belong to the segment. */
export function decodeIndex(bytes: Buffer, segment: Segment): SegmentIndex | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const index = new SegmentIndex(Math.max(16, Math.floor(bytes.length / INDEX_ENTRY_BYTES)))
  let offset = -1
  let maxTimestampMs = -Infinity
  for (let at = 0; at + INDEX_ENTRY_BYTES <= bytes.length; at += INDEX_ENTRY_BYTES) {
    const position = getInt53(view, at + 8)
    // Entries for what was cut from the segment at recovery.
    if (position >= segment.sizeBytes) break
    const base = getInt53(view, at)
    const time = getInt53(view, at + 16)
    const isFirst = at === 0
    const follows = isFirst
      ? position === 0 && base >= segment.baseOffset
      : base > offset && position > index.lastPosition
    if (!follows || time < maxTimestampMs || base >= segment.nextOffset) return undefined
    index.add(base, position, time)
    offset = base
    maxTimestampMs = time
  }
  // Lost entries make a reader scan; many of them are worth a rebuild.
  const uncoveredBytes = segment.sizeBytes - Math.max(0, index.lastPosition)
  const isUseful = index.count > 0 && uncoveredBytes <= MAX_UNCOVERED_BYTES
  return isUseful || segment.isEmpty ? index : undefined
}

/** Builds the index from the batch headers of the segment file. */
export async function rebuildIndex(
  segment: Segment,
  files: FileCache,
  intervalBytes: number,
): Promise<SegmentIndex> {
  const index = new SegmentIndex()
  let maxTimestampMs = -1
  await scanBatches(segment, files, 0, (bytes, at, position) => {
    maxTimestampMs = Math.max(maxTimestampMs, maxTimestamp(bytes, at))
    if (index.count === 0 || position - index.lastPosition >= intervalBytes) {
      index.add(baseOffset(bytes, at), position, maxTimestampMs)
    }
    return true
  })
  return index
}

/** A batch header in a segment file does not make sense. */
export class CorruptSegmentError extends Error {
  override readonly name = 'CorruptSegmentError'

  constructor(segment: Segment, position: number) {
    super(`no batch at position ${position} of ${segment.logPath}`)
  }
}

/**
 * Visits the batch headers from `position` on, in order, until `visit` answers false. `bytes` hold
 * at least the header of 61 bytes at `at`, not always the records. They are read in pieces of
 * `readBytes`.
 */
export async function scanBatches(
  segment: Segment,
  files: FileCache,
  from: number,
  visit: (bytes: Buffer, at: number, position: number) => boolean,
  readBytes = SCAN_BYTES,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(readBytes, Math.max(1, segment.sizeBytes - from)))
  const endPosition = segment.sizeBytes
  let offset = -1
  await files.use(segment.logPath, async (file) => {
    let position = from
    while (position < endPosition) {
      const wanted = buffer.subarray(0, Math.min(buffer.length, endPosition - position))
      const count = await file.read(wanted, position)
      let at = 0
      while (at + BATCH_HEADER_BYTES <= count) {
        const sizeBytes = batchSizeBytes(buffer, at)
        const isSound =
          magic(buffer, at) === 2 &&
          sizeBytes >= BATCH_HEADER_BYTES &&
          baseOffset(buffer, at) > offset
        if (!isSound) throw new CorruptSegmentError(segment, position + at)
        if (!visit(buffer, at, position + at)) return
        offset = lastOffset(buffer, at)
        at += sizeBytes
      }
      // Less than a header: the file is shorter than it should be.
      if (at === 0) throw new CorruptSegmentError(segment, position)
      position += at
    }
  })
}
