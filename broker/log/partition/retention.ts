import type { Partition } from './partition.ts'

/**
 * Up to which offset the log's configuration lets the oldest segments go; the log start when none
 * may. Only whole segments go, and the active one goes when all of it is too old.
 */
export function retainedFrom(partition: Partition, nowMs: number): number {
  const { config, segments } = partition
  if (!config.cleanup.delete) return partition.logStartOffset
  let excessBytes = config.retentionBytes < 0 ? -1 : partition.sizeBytes - config.retentionBytes
  let offset = partition.logStartOffset
  for (const [index, segment] of segments.entries()) {
    if (segment.isEmpty) continue
    // Kafka's clock for a segment is its latest record; without timestamps, its last write.
    const newestMs = segment.maxTimestampMs >= 0 ? segment.maxTimestampMs : segment.writtenAtMs
    const isOld = config.retentionMs >= 0 && nowMs - newestMs > config.retentionMs
    const isActive = index === segments.length - 1
    const isExcess = !isActive && excessBytes >= segment.sizeBytes
    if (!isOld && !isExcess) break
    excessBytes -= segment.sizeBytes
    offset = segment.nextOffset
  }
  return Math.min(offset, partition.highWatermark)
}
