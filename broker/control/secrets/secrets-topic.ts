import type { LogConfig, PartitionSpec } from '../../log/index.ts'

const HOUR_MS = 60 * 60 * 1000

/** Only the newest value of a secret stays, and an erased one leaves the disk within hours. */
const SECRETS_LOG_CONFIG: LogConfig = {
  cleanup: { delete: false, compact: true },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 4 * 1024 * 1024,
  segmentMs: HOUR_MS,
  deleteRetentionMs: HOUR_MS,
  minCompactionLagMs: 0,
  maxCompactionLagMs: HOUR_MS,
  minCleanableDirtyRatio: 0.1,
  timestampType: 'create',
  durability: 'disk',
}

/**
 * The log of secrets. Its id is fixed (its bytes spell `glasslog-secrets`), and it is no topic: the
 * state does not name it, so there is no door by which somebody could read or write it.
 */
export const SECRETS_PARTITION: PartitionSpec = {
  topicId: 'Z2xhc3Nsb2ctc2VjcmV0cw',
  partition: 0,
  topicName: '__secrets',
  config: SECRETS_LOG_CONFIG,
  internal: true,
}
