import { describe, expect, it } from 'vitest'
import { createBrokerConfig } from './broker-config.ts'
import { brokerConfigs } from './broker-configs.ts'
import {
  describeBrokerConfigs,
  describeClusterWideConfigs,
  describeTopicConfigs,
} from './describe-configs.ts'
import { topicConfigs } from './topic-configs.ts'

const config = createBrokerConfig({
  overrides: { 'log.retention.minutes': '2', 'message.max.bytes': '500' },
  facts: [{ name: 'broker.id', value: '1', doc: 'The id of this broker.' }],
})
config.applyDynamic(
  { 'message.max.bytes': '600', 'log.retention.bytes': '9' },
  { 'message.max.bytes': '700' },
)

const topicEntry = (name: string, configs: Record<string, string> = {}) =>
  describeTopicConfigs({ configs }, config.layers, [name])[0]

describe('the configurations of a topic', () => {
  it('are all of the table, by name', () => {
    const entries = describeTopicConfigs({ configs: {} }, config.layers, null)
    expect(entries.map(({ name }) => name)).toEqual(topicConfigs.names)
  })

  it("come from the topic, with the broker's behind it", () => {
    expect(topicEntry('max.message.bytes', { 'max.message.bytes': ' 800' })).toEqual({
      name: 'max.message.bytes',
      value: '800',
      source: 'topic',
      type: 'int',
      readOnly: false,
      secret: false,
      doc: topicConfigs.rows['max.message.bytes'].doc,
      synonyms: [
        { name: 'max.message.bytes', value: ' 800', source: 'topic' },
        { name: 'message.max.bytes', value: '700', source: 'broker' },
        { name: 'message.max.bytes', value: '600', source: 'cluster-wide' },
        { name: 'message.max.bytes', value: '500', source: 'static' },
        { name: 'message.max.bytes', value: '1048588', source: 'default' },
      ],
    })
  })

  it('come from the broker in its units, converted', () => {
    expect(topicEntry('retention.ms')).toMatchObject({
      value: '120000',
      source: 'static',
      synonyms: [
        { name: 'log.retention.minutes', value: '2', source: 'static' },
        { name: 'log.retention.hours', value: '168', source: 'default' },
      ],
    })
  })

  it.each([
    ['retention.bytes', '9', 'cluster-wide'],
    ['segment.ms', '604800000', 'default'],
    ['glasslog.durability', 'disk', 'default'],
    ['max.compaction.lag.ms', '9223372036854775807', 'default'],
  ])('%s is %s from %s', (name, value, source) => {
    expect(topicEntry(name)).toMatchObject({ value, source })
  })

  it('say when they have no effect, and are read-only then', () => {
    const entry = topicEntry('preallocate')
    expect(entry).toMatchObject({ value: 'false', readOnly: true })
    expect(entry?.doc).toContain('Has no effect here: journal files are always preallocated')
  })
})

const brokerEntry = (name: string) => describeBrokerConfigs(config, [name])[0]

describe('the configurations of the broker', () => {
  it('are all of the table, and what the process decided', () => {
    const names = describeBrokerConfigs(config, null).map(({ name }) => name)
    expect(names).toEqual([...brokerConfigs.names, 'broker.id'])
  })

  it.each([
    ['broker.id', { value: '1', source: 'static', readOnly: true }],
    ['message.max.bytes', { value: '700', source: 'broker', readOnly: false }],
    ['log.retention.bytes', { value: '9', source: 'cluster-wide', readOnly: false }],
    ['log.retention.minutes', { value: '2', source: 'static', readOnly: true }],
    ['log.retention.ms', { value: null, source: 'default', synonyms: [], readOnly: false }],
    ['num.io.threads', { value: '8', source: 'default', readOnly: true }],
  ])('%s is %j', (name, expected) => {
    expect(brokerEntry(name)).toMatchObject(expected)
  })

  it('cluster-wide are only those that are set', () => {
    const entries = describeClusterWideConfigs(config, null)
    expect(entries.map(({ name, value, source }) => [name, value, source])).toEqual([
      ['message.max.bytes', '600', 'cluster-wide'],
      ['log.retention.bytes', '9', 'cluster-wide'],
    ])
    expect(describeClusterWideConfigs(config, ['num.partitions'])).toEqual([])
  })
})
