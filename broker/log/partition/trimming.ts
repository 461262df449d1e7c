import type { Arena } from '../memory/arena.ts'
import type { Segment } from '../segments/segment.ts'
import type { Partition } from './partition.ts'

/**
 * Lets go of what lies wholly below the log start: hot batches at once, and the segments that it
 * answers, whose files the caller removes.
 */
export function releaseBelowLogStart(partition: Partition, arena: Arena): readonly Segment[] {
  releaseHotBelow(partition, arena)
  const removed: Segment[] = []
  for (;;) {
    const oldest = partition.segments[0]
    if (oldest === undefined || oldest.nextOffset > partition.logStartOffset) break
    if (oldest.isEmpty) break
    partition.segments.shift()
    partition.segmentBytes -= oldest.sizeBytes
    oldest.removed = true
    removed.push(oldest)
  }
  return removed
}

function releaseHotBelow(partition: Partition, arena: Arena): void {
  const { hot } = partition
  while (hot.unwritten < hot.end && hot.nextOffset(hot.unwritten) <= partition.logStartOffset) {
    releaseUnwritten(partition, arena, hot.unwritten)
    hot.unwritten++
  }
  hot.dropBelow(partition.logStartOffset)
}

/** Forgets every batch that is not in a segment, for a log that takes no part any more. */
export function releaseAllUnwritten(partition: Partition, arena: Arena): void {
  const { hot } = partition
  for (let index = hot.unwritten; index < hot.end; index++) {
    releaseUnwritten(partition, arena, index)
  }
  hot.cut(hot.unwritten)
}

function releaseUnwritten(partition: Partition, arena: Arena, index: number): void {
  arena.chunk(partition.hot.chunkSerial(index)).holds--
  partition.unwrittenBytes -= partition.hot.sizeBytes(index)
}
