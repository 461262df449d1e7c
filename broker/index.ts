export type { AuditSettings } from './audit-trail.ts'
export {
  BackupFault,
  type BackupNote,
  type BackupSource,
  type CopyOptions,
  createBackup,
  FileReader,
  KEY_FILES,
  type Manifest,
  noteBackup,
  openDirectorySource,
  readBackup,
  requireEmpty,
  restoreBackup,
  type SourceCut,
  sizesOf,
  TargetFault,
} from './backup/index.ts'
export {
  type Broker,
  type BrokerOptions,
  type OtlpSettings,
  type Platform,
  startBroker,
} from './broker.ts'
export { LogStoreError, workerJournalDevice } from './log/index.ts'
export { openStoppedHistory, type StoppedHistory } from './stopped-history.ts'
export type { MetricSettings } from './telemetry/index.ts'
