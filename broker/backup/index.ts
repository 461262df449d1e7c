export { type BackupNote, noteBackup, recordNotedBackups } from './backup-notes.ts'
export {
  type BackupEnd,
  BackupService,
  type BackupServiceOptions,
  type BegunBackup,
  UnknownBackupError,
} from './backup-service.ts'
export { type CopyOptions, createBackup } from './create-backup.ts'
export { KEY_FILES } from './data-files.ts'
export { openDirectorySource } from './directory-source.ts'
export { FileReader, sizesOf } from './file-reader.ts'
export { BackupFault, type Manifest, TargetFault } from './manifest.ts'
export { readBackup } from './read-backup.ts'
export { recordRestore } from './record-restore.ts'
export { requireEmpty } from './require-empty.ts'
export { restoreBackup } from './restore-backup.ts'
export type { BackupSource, SourceCut, SourceFile } from './source.ts'
