import { expect, test } from 'vitest'
import { createBrokerConfig } from './control/index.ts'
import { DEFAULT_SCRUB_SETTINGS } from './log/index.ts'
import { scrubSettings } from './scrub-settings.ts'

test('the defaults are those of the engine', () => {
  const { values } = createBrokerConfig({ overrides: {} })
  expect(scrubSettings(values)).toEqual(DEFAULT_SCRUB_SETTINGS)
})

test('what is set is what holds, also after a change', () => {
  const config = createBrokerConfig({
    overrides: {
      'glasslog.scrub.bytes.per.second': '1000',
      'glasslog.scrub.interval.ms': '3600000',
    },
  })
  expect(scrubSettings(config.values)).toEqual({ bytesPerSecond: 1000, intervalMs: 3_600_000 })
  config.applyDynamic({ 'glasslog.scrub.bytes.per.second': '0' }, {})
  expect(scrubSettings(config.values)).toEqual({ bytesPerSecond: 0, intervalMs: 3_600_000 })
})
