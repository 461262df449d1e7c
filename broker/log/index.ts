export { BatchStream, DamagedError } from './backup/batch-stream.ts'
export {
  BackupError,
  type CutFile,
  type CutLog,
  type LiveBackup,
  type StoreCut,
} from './backup/live-backup.ts'
export { type ImageLog, type ImageSegment, LogImage } from './backup/log-image.ts'
export { SegmentIndexer } from './backup/segment-index.ts'
export { writtenJournalBytes } from './backup/written-journal-bytes.ts'
export type { CleanerStats } from './compaction/cleaner.ts'
export { type CleanerSettings, DEFAULT_CLEANER_SETTINGS } from './compaction/cleaner-settings.ts'
export { IoThrottle } from './compaction/io-throttle.ts'
export { LogStoreError } from './errors.ts'
export {
  FSYNC_BUCKETS_MS,
  type JournalDevice,
  type JournalDeviceFactory,
  type JournalDeviceStats,
} from './journal/device.ts'
export { inlineJournalDevice } from './journal/inline-device.ts'
export { workerJournalDevice } from './journal/worker-device.ts'
export { type OpenedLogStore, openLogStore } from './open-log-store.ts'
export { DEFAULT_LOG_STORE_LIMITS, type LogStoreLimits, type LogStoreOptions } from './options.ts'
export { AppendTimes } from './partition/append-times.ts'
export type {
  AbortedTransaction,
  AppendEntry,
  AppendOptions,
  AppendResult,
  AppendSpan,
  BatchFacts,
  DiskSpace,
  LogConfig,
  LogStore,
  PartitionLog,
  PartitionRead,
  PartitionSpec,
  ProducerView,
  ReadLimits,
  ReadRequest,
  ReadResult,
  TimestampAndOffset,
} from './port.ts'
export type { QuarantinedLog } from './quarantine.ts'
export type { RecoveryReport } from './recovery.ts'
export type { DamagedSegment } from './scrub/damaged-segment.ts'
export { DEFAULT_SCRUB_SETTINGS, type ScrubSettings } from './scrub/scrub-settings.ts'
export type { ScrubStats } from './scrub/scrubber.ts'
export { CorruptSegmentError } from './segments/index-file.ts'
export type { LogStoreStats } from './stats.ts'
