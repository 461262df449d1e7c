import type { Segment } from '../segments/segment.ts'
import { MAX_OFFSET_SPAN } from '../segments/segment.ts'

/**
 * Neighbours that become one segment when they are rewritten, so that segments do not get ever
 * smaller: together no larger than a segment may be, and no wider than its relative offsets reach.
 */
export function groupSegments(
  segments: readonly Segment[],
  segmentBytes: number,
): readonly (readonly Segment[])[] {
  const groups: Segment[][] = []
  let group: Segment[] = []
  let sizeBytes = 0
  for (const segment of segments) {
    const baseOffset = group[0]?.baseOffset ?? segment.baseOffset
    const fits =
      sizeBytes + segment.sizeBytes <= segmentBytes &&
      segment.nextOffset - baseOffset <= MAX_OFFSET_SPAN
    if (group.length === 0 || !fits) {
      group = []
      groups.push(group)
      sizeBytes = 0
    }
    group.push(segment)
    sizeBytes += segment.sizeBytes
  }
  return groups
}
