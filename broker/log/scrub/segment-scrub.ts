import { baseOffset, maxTimestamp } from '../batch.ts'
import { verifiedBatches } from '../compaction/verified-batches.ts'
import type { FileCache } from '../segments/file-cache.ts'
import { decodeIndex } from '../segments/index-file.ts'
import type { SegmentIndex } from '../segments/offset-index.ts'
import { INDEX_ENTRY_BYTES } from '../segments/offset-index.ts'
import type { Segment } from '../segments/segment.ts'

export interface SegmentScrubOptions {
  readonly files: FileCache
  readonly buffer: Buffer
  readonly maxBatchBytes: number
  /** Told of every read before it is made; may throw to end it. */
  readonly onRead: (sizeBytes: number) => Promise<void>
}

/**
 * Reads a closed segment and its index. Answers whether they agree; an index that is not there agrees
 * with everything, because it is made when somebody needs it. Throws a CorruptSegmentError for the
 * first batch that is not as it was written, the disk's error when it cannot be read.
 */
export async function scrubSegment(
  segment: Segment,
  options: SegmentScrubOptions,
): Promise<{ readonly doesIndexAgree: boolean }> {
  const index = await storedIndex(segment, options.files)
  const { files, buffer, maxBatchBytes, onRead } = options
  let entry = 0
  let position = 0
  let maxTimestampMs = -1
  let doesIndexAgree = index !== 'unreadable'
  const entries = index instanceof Object ? index : null
  for await (const batch of verifiedBatches(segment, {
    ...{ files, buffer, maxBatchBytes, onRead, fromPosition: 0 },
  })) {
    maxTimestampMs = Math.max(maxTimestampMs, maxTimestamp(batch, 0))
    if (entries !== null && entry < entries.count && entries.position(entry) <= position) {
      doesIndexAgree &&=
        entries.position(entry) === position &&
        entries.baseOffset(entry) === baseOffset(batch, 0) &&
        entries.maxTimestampMs(entry) === maxTimestampMs
      entry++
    }
    position += batch.length
  }
  return { doesIndexAgree: doesIndexAgree && (entries === null || entry === entries.count) }
}

/** What the index file says; `unreadable` when it cannot belong to the segment. */
async function storedIndex(
  segment: Segment,
  files: FileCache,
): Promise<SegmentIndex | 'missing' | 'unreadable'> {
  try {
    const bytes = await files.use(segment.indexPath, async (file) => {
      const sizeBytes = await file.size()
      const target = Buffer.allocUnsafe(sizeBytes - (sizeBytes % INDEX_ENTRY_BYTES))
      return target.subarray(0, await file.read(target, 0))
    })
    if (bytes.length === 0) return 'missing'
    return decodeIndex(bytes, segment) ?? 'unreadable'
  } catch {
    // A help that is not there, or cannot be read, is made anew.
    return 'missing'
  }
}
