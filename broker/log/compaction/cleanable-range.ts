import type { Partition } from '../partition/partition.ts'
import type { Segment } from '../segments/segment.ts'

/** What compaction could do for a log now. */
export interface CleanableRange {
  /** Records below were compacted before. */
  readonly firstDirtyOffset: number
  /** Where compaction must stop: the first segment that may not be touched begins here. */
  readonly firstUncleanableOffset: number
  readonly cleanBytes: number
  readonly cleanableBytes: number
  /** Share of the cleanable bytes in all that compaction would read. */
  readonly dirtyRatio: number
  /** Some record waits longer than `max.compaction.lag.ms` (KIP-354). */
  readonly isOverdue: boolean
}

/**
 * The part of a log that compaction may touch: whole segments, never the one that grows, nothing
 * that readers of committed data do not see yet, and nothing younger than `min.compaction.lag.ms`
 * (KIP-58), nor what follows it.
 */
export function cleanableRange(partition: Partition, nowMs: number): CleanableRange {
  const { config, segments, lastStableOffset, logStartOffset } = partition
  const firstDirtyOffset = Math.max(partition.cleanedOffset, logStartOffset)
  let firstUncleanableOffset = firstDirtyOffset
  let cleanBytes = 0
  let cleanableBytes = 0
  let isOverdue = false
  for (let i = 0; i < segments.length - 1; i++) {
    const segment = segments[i]
    if (segment === undefined || segment.nextOffset > lastStableOffset || !segment.isSynced) break
    if (segment.nextOffset <= firstDirtyOffset) {
      cleanBytes += segment.sizeBytes
      continue
    }
    if (config.minCompactionLagMs > 0 && newestMs(segment) > nowMs - config.minCompactionLagMs) {
      break
    }
    if (cleanableBytes === 0) isOverdue = nowMs - segment.createdAtMs > config.maxCompactionLagMs
    cleanableBytes += segment.sizeBytes
    firstUncleanableOffset = segment.nextOffset
  }
  const dirtyRatio = cleanableBytes === 0 ? 0 : cleanableBytes / (cleanBytes + cleanableBytes)
  return {
    firstDirtyOffset,
    firstUncleanableOffset,
    cleanBytes,
    cleanableBytes,
    dirtyRatio,
    isOverdue,
  }
}

/** Whether the log's configuration asks for compaction of the range now. */
export function needsCleaning(partition: Partition, range: CleanableRange): boolean {
  if (range.cleanableBytes === 0) return false
  return range.isOverdue || range.dirtyRatio > partition.config.minCleanableDirtyRatio
}

function newestMs(segment: Segment): number {
  return segment.maxTimestampMs >= 0 ? segment.maxTimestampMs : segment.writtenAtMs
}
