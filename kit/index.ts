export { alignedBuffer, isAligned } from './aligned-buffer.ts'
export { BucketCounts } from './bucket-counts.ts'
export { Cleanups } from './cleanups.ts'
export type { Clock } from './clock.ts'
export { systemClock } from './clock.ts'
export {
  ConfigError,
  type ConfigFault,
  type ConfigRow,
  type ConfigRows,
  type ConfigSchema,
  type ConfigTable,
  type ConfigValue,
  type ConfigValues,
  defineConfigTable,
  formatConfigText,
  type PropertyName,
  parseConfigValue,
  propertyName,
} from './config-table.ts'
export type { Disk, DiskFile, DiskLock, OpenMode } from './disk.ts'
export { DIRECT_ALIGNMENT_BYTES } from './disk.ts'
export { FailedLogins } from './failed-logins.ts'
export { readWholeFile, replaceFile, sizeOfFile, writeWholeFile } from './files.ts'
export { isLoopbackAddress, isLoopbackHost, networkOf, plainAddress } from './ip-address.ts'
export { listPage, type QueryTexts } from './list-page.ts'
export { createLogger, type Logger, type LogLevel, silentLogger } from './logger.ts'
export { onceItWorks } from './once-it-works.ts'
export { countOpenFiles } from './open-files.ts'
export { type Random, seededRandom, systemRandom } from './random.ts'
export { openRealDisk } from './real-disk.ts'
export { openServerTls, type ServerTls } from './server-tls.ts'
export { abbreviate } from './text.ts'
export { type Cancel, systemTimers, type Timers } from './timers.ts'
export { tokenProof } from './token-proof.ts'
export { randomUuid, type Uuid, uuidFromBytes, uuidToBytes, ZERO_UUID } from './uuid.ts'
export {
  type FileContents,
  readFiles,
  type WatchedFilesOptions,
  watchFiles,
} from './watched-files.ts'
