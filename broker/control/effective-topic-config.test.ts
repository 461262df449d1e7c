import { describe, expect, it } from 'vitest'
import { createBrokerConfig } from './broker-config.ts'
import { configSynonyms } from './config-synonyms.ts'
import { effectiveTopicConfig, topicDefaults } from './effective-topic-config.ts'
import { EffectiveTopicConfigs } from './effective-topic-configs.ts'
import { topicConfigs } from './topic-configs.ts'

/** What a topic without configs gets from a broker with these. */
function defaultsOf(overrides: Record<string, string>) {
  return topicDefaults(createBrokerConfig({ overrides }).layers)
}

describe('the broker gives topics their defaults', () => {
  it("are the topic table's own when the broker sets nothing", () => {
    const defaults = defaultsOf({})
    expect(topicConfigs.parse(defaults)).toEqual(topicConfigs.parse({}))
  })

  it.each([
    ['compression.gzip.level', '5', 'compression.gzip.level', '5'],
    ['compression.type', 'gzip', 'compression.type', 'gzip'],
    ['compression.zstd.level', '5', 'compression.zstd.level', '5'],
    ['log.cleaner.delete.retention.ms', '5', 'delete.retention.ms', '5'],
    ['log.cleaner.max.compaction.lag.ms', '5', 'max.compaction.lag.ms', '5'],
    ['log.cleaner.min.cleanable.ratio', '0.1', 'min.cleanable.dirty.ratio', '0.1'],
    ['log.cleaner.min.compaction.lag.ms', '5', 'min.compaction.lag.ms', '5'],
    ['log.cleanup.policy', 'compact', 'cleanup.policy', 'compact'],
    ['log.message.timestamp.after.max.ms', '5', 'message.timestamp.after.max.ms', '5'],
    ['log.message.timestamp.before.max.ms', '5', 'message.timestamp.before.max.ms', '5'],
    ['log.message.timestamp.type', 'LogAppendTime', 'message.timestamp.type', 'LogAppendTime'],
    ['log.retention.bytes', '5', 'retention.bytes', '5'],
    ['log.retention.hours', '2', 'retention.ms', '7200000'],
    ['log.retention.hours', '-1', 'retention.ms', '-1'],
    ['log.retention.minutes', '2', 'retention.ms', '120000'],
    ['log.retention.ms', '2', 'retention.ms', '2'],
    ['log.roll.hours', '2', 'segment.ms', '7200000'],
    ['log.roll.ms', '2', 'segment.ms', '2'],
    ['log.segment.bytes', '2097152', 'segment.bytes', '2097152'],
    ['message.max.bytes', '5', 'max.message.bytes', '5'],
    ['min.insync.replicas', '2', 'min.insync.replicas', '2'],
  ])('%s = %s is %s = %s', (name, text, topicName, expected) => {
    expect(defaultsOf({ [name]: text })[topicName]).toBe(expected)
  })

  it('the finest unit that is set counts, wherever it is set', () => {
    const config = createBrokerConfig({
      overrides: { 'log.retention.minutes': '1', 'log.retention.hours': '1' },
    })
    expect(topicDefaults(config.layers)['retention.ms']).toBe('60000')
    config.applyDynamic({ 'log.retention.ms': '7' }, {})
    expect(topicDefaults(config.layers)['retention.ms']).toBe('7')
  })

  it('every synonym stands for a topic configuration that exists', () => {
    for (const name of configSynonyms.keys()) expect(topicConfigs.row(name)).toBeDefined()
  })
})

describe('the values in effect', () => {
  it("are the topic's own over the defaults", () => {
    const configs = {
      'cleanup.policy': 'compact,delete',
      'glasslog.durability': 'os',
      'max.message.bytes': '1000',
      'message.timestamp.type': 'LogAppendTime',
      'min.insync.replicas': '2',
      'retention.ms': '5',
    }
    const effective = effectiveTopicConfig(configs, { 'segment.ms': '6' }, false)
    expect(effective).toEqual({
      log: {
        cleanup: { delete: true, compact: true },
        retentionMs: 5,
        retentionBytes: -1,
        segmentBytes: 1_073_741_824,
        segmentMs: 6,
        deleteRetentionMs: 86_400_000,
        minCompactionLagMs: 0,
        maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
        minCleanableDirtyRatio: 0.5,
        timestampType: 'append',
        durability: 'os',
      },
      maxMessageBytes: 1000,
      minInsyncReplicas: 2,
      compressionType: 'producer',
      compressionLevel: undefined,
      timestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
      timestampAfterMaxMs: 3_600_000,
    })
  })

  it("are never relaxed for the broker's own topics", () => {
    const effective = effectiveTopicConfig({ 'glasslog.durability': 'os' }, {}, true)
    expect(effective.log.durability).toBe('disk')
  })

  it('leave out what an older version accepted and this one does not', () => {
    const effective = effectiveTopicConfig({ 'retention.ms': '5', gone: 'x' }, {}, false)
    expect(effective.log.retentionMs).toBe(5)
  })
})

describe('the compression in effect', () => {
  it.each([
    [{}, 'producer', undefined],
    [{ 'compression.type': 'uncompressed', 'compression.gzip.level': '5' }, 'none', undefined],
    [{ 'compression.type': 'gzip' }, 'gzip', undefined],
    [{ 'compression.type': 'gzip', 'compression.gzip.level': '5' }, 'gzip', 5],
    [{ 'compression.type': 'zstd', 'compression.zstd.level': '-7' }, 'zstd', -7],
    [{ 'compression.type': 'snappy' }, 'snappy', undefined],
  ])('of %j is %s at %s', (configs, compressionType, compressionLevel) => {
    const effective = effectiveTopicConfig(configs, {}, false)
    expect(effective).toMatchObject({ compressionType, compressionLevel })
  })
})

describe('the cache of values in effect', () => {
  it('computes a topic once, and again after a change of the defaults', () => {
    const config = createBrokerConfig({ overrides: {} })
    const configs = new EffectiveTopicConfigs(config)
    const topic = { configs: {}, internal: false }
    const first = configs.of(topic)
    expect(configs.of(topic)).toBe(first)
    expect(configs.of(undefined)).toEqual(first)
    config.applyDynamic({ 'log.retention.ms': '7' }, {})
    expect(configs.of(topic).log.retentionMs).toBe(7)
    expect(configs.of(undefined).log.retentionMs).toBe(7)
    expect(configs.defaultTexts['retention.ms']).toBe('7')
  })
})
