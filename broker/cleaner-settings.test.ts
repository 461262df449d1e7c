import { expect, test } from 'vitest'
import { cleanerSettings } from './cleaner-settings.ts'
import { createBrokerConfig } from './control/index.ts'
import { DEFAULT_CLEANER_SETTINGS } from './log/index.ts'

test('the defaults are those of the engine', () => {
  const { values } = createBrokerConfig({ overrides: {} })
  const { maxBytesPerSecond, ...others } = cleanerSettings(values)
  expect({ ...others, maxBytesPerSecond: Infinity }).toEqual(DEFAULT_CLEANER_SETTINGS)
  expect(maxBytesPerSecond).toBe(Number.MAX_VALUE)
})

test('what is set is what holds, also after a change', () => {
  const config = createBrokerConfig({
    overrides: {
      'log.cleaner.backoff.ms': '1',
      'log.cleaner.dedupe.buffer.size': '2000000',
      'log.cleaner.enable': 'false',
      'log.cleaner.io.buffer.load.factor': '0.5',
      'log.cleaner.io.buffer.size': '3000',
      'log.cleaner.io.max.bytes.per.second': '4000',
    },
  })
  const expected = {
    backoffMs: 1,
    mapBytes: 2_000_000,
    enabled: false,
    mapLoadFactor: 0.5,
    bufferBytes: 3_000,
    maxBytesPerSecond: 4_000,
  }
  expect(cleanerSettings(config.values)).toEqual(expected)
  config.applyDynamic({ 'log.cleaner.io.max.bytes.per.second': '5e6' }, {})
  expect(cleanerSettings(config.values)).toEqual({ ...expected, maxBytesPerSecond: 5_000_000 })
})
