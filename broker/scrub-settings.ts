import type { BrokerConfigValues } from './control/index.ts'
import type { ScrubSettings } from './log/index.ts'

/** How the broker's configuration has segments read again. */
export function scrubSettings(values: BrokerConfigValues): ScrubSettings {
  return {
    bytesPerSecond: values.glasslogScrubBytesPerSecond,
    intervalMs: values.glasslogScrubIntervalMs,
  }
}
