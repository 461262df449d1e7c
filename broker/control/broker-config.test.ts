import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../kit/index.ts'
import { createBrokerConfig } from './broker-config.ts'

describe('broker configuration', () => {
  it('is strongest for this broker, then cluster-wide, then the file, then the default', () => {
    const config = createBrokerConfig({ overrides: { 'num.partitions': '2' } })
    expect(config.values.numPartitions).toBe(2)
    expect(config.values.fetchMaxBytes).toBe(57_671_680)
    config.applyDynamic({ 'num.partitions': '3' }, {})
    expect(config.values.numPartitions).toBe(3)
    config.applyDynamic({ 'num.partitions': '3' }, { 'num.partitions': '4' })
    expect(config.values.numPartitions).toBe(4)
    config.applyDynamic({}, {})
    expect(config.values.numPartitions).toBe(2)
  })

  it('changes in one object, and tells until told to stop', () => {
    const config = createBrokerConfig({ overrides: {} })
    const { values } = config
    const seen: number[] = []
    const stop = config.onChange(({ numPartitions }) => seen.push(numPartitions))
    config.applyDynamic({ 'num.partitions': '5' }, {})
    stop()
    config.applyDynamic({}, {})
    expect(seen).toEqual([5])
    expect(values.numPartitions).toBe(1)
  })

  it('leaves out what an older version accepted and this one does not', () => {
    const config = createBrokerConfig({ overrides: {} })
    config.applyDynamic({ 'num.partitions': '5', 'num.io.threads': '9', gone: 'x' }, {})
    expect(config.values.numPartitions).toBe(5)
    expect(config.layers.clusterWide).toEqual({ 'num.partitions': '5' })
  })

  it('names every fault of the file at once', () => {
    const overrides = { 'num.partitions': '0', 'num.io.threads': '16', 'log.retention': '1' }
    const create = (): unknown => createBrokerConfig({ overrides })
    expect(create).toThrow(ConfigError)
    for (const name of Object.keys(overrides)) expect(create).toThrow(name)
  })

  it.each([
    [{ 'log.cleaner.min.compaction.lag.ms': '5', 'log.cleaner.max.compaction.lag.ms': '4' }],
    [{ 'group.min.session.timeout.ms': '5', 'group.max.session.timeout.ms': '4' }],
  ])('refuses %j, which contradict each other', (overrides) => {
    expect(() => createBrokerConfig({ overrides })).toThrow('must not be more than')
    const config = createBrokerConfig({ overrides: {} })
    expect(config.check(overrides, {})).toHaveLength(1)
  })
})
