import type { LogConfig, PartitionSpec } from '../log/index.ts'
import type { Topic } from './port.ts'

/**
 * The topic that holds the history. Its id is fixed, because the history is what all other ids
 * are found in (its bytes spell `glasslog-audit-1`). It can be read like any other topic, and
 * nobody but the control plane appends to it.
 */
export const AUDIT_TOPIC: Omit<Topic, 'createdAtMs'> = {
  id: 'Z2xhc3Nsb2ctYXVkaXQtMQ',
  name: '__audit',
  partitionCount: 1,
  configs: { 'retention.bytes': '-1', 'retention.ms': '-1' },
  internal: true,
}

/** Never trimmed, never compacted, never relaxed, whatever the broker's defaults say. */
const AUDIT_LOG_CONFIG: LogConfig = {
  cleanup: { delete: false, compact: false },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 64 * 1024 * 1024,
  segmentMs: Number.MAX_SAFE_INTEGER,
  deleteRetentionMs: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  minCleanableDirtyRatio: 1,
  timestampType: 'create',
  durability: 'disk',
}

export const AUDIT_PARTITION: PartitionSpec = {
  topicId: AUDIT_TOPIC.id,
  partition: 0,
  topicName: AUDIT_TOPIC.name,
  config: AUDIT_LOG_CONFIG,
  internal: true,
}
