import type { BrokerConfigValues } from './control/index.ts'
import type { CleanerSettings } from './log/index.ts'

/** How the broker's configuration has logs compacted. */
export function cleanerSettings(values: BrokerConfigValues): CleanerSettings {
  return {
    enabled: values.logCleanerEnable,
    maxBytesPerSecond: values.logCleanerIoMaxBytesPerSecond,
    backoffMs: values.logCleanerBackoffMs,
    mapBytes: values.logCleanerDedupeBufferSize,
    mapLoadFactor: values.logCleanerIoBufferLoadFactor,
    bufferBytes: values.logCleanerIoBufferSize,
  }
}
