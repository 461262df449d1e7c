import type { LogConfig, PartitionSpec } from '../../../broker/log/index.ts'
import type { Uuid } from '../../../kit/index.ts'
import { uuidFromBytes } from '../../../kit/index.ts'
import { logKey } from './observation.ts'

export const topicIds = {
  orders: topicId(1),
  metrics: topicId(2),
  table: topicId(3),
  history: topicId(4),
  scratch: topicId(5),
  scratchAgain: topicId(6),
} as const

export const logs = {
  orders0: logKey(topicIds.orders, 0),
  orders1: logKey(topicIds.orders, 1),
  metrics: logKey(topicIds.metrics, 0),
  table: logKey(topicIds.table, 0),
  history: logKey(topicIds.history, 0),
  scratch: logKey(topicIds.scratch, 0),
  scratchAgain: logKey(topicIds.scratchAgain, 0),
} as const

function topicId(number: number): Uuid {
  return uuidFromBytes(Buffer.alloc(16, number))
}

export const CONFIG: LogConfig = {
  cleanup: { delete: true, compact: false },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 24_576,
  segmentMs: 3_600_000,
  deleteRetentionMs: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: 60_000,
  minCleanableDirtyRatio: 0.1,
  timestampType: 'create',
  durability: 'disk',
}

export const COMPACTED: LogConfig = {
  ...CONFIG,
  cleanup: { delete: false, compact: true },
  segmentBytes: 4_096,
  segmentMs: 5_000,
}

/** The partitions of one topic. */
export function topic(
  id: Uuid,
  topicName: string,
  partitions: number,
  overrides: { readonly config?: LogConfig; readonly internal?: boolean } = {},
): PartitionSpec[] {
  const { config = CONFIG, internal = false } = overrides
  return Array.from({ length: partitions }, (_, partition) => ({
    topicId: id,
    partition,
    topicName,
    config,
    internal,
  }))
}
