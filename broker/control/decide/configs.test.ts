import { describe, expect, it } from 'vitest'
import { AUDIT_TOPIC } from '../audit-topic.ts'
import type { AlterBrokerConfig, AlterTopicConfig, ConfigChange } from '../commands.ts'
import { EVENTS_TOPIC } from '../events-topic.ts'
import { decideAlterBrokerConfig, decideAlterTopicConfig } from './configs.ts'
import { exampleContext, exampleState, exampleTopic } from './fixture.ts'

const configs = { 'retention.ms': '1000', 'cleanup.policy': 'compact' }
const orders = exampleTopic('orders', { configs })
const plain = exampleTopic('plain')
const internal = exampleTopic('__consumer_offsets', { internal: true })
const audit = { ...AUDIT_TOPIC, createdAtMs: 0 }
const events = { ...EVENTS_TOPIC, createdAtMs: 0 }
const state = exampleState(orders, plain, internal, audit, events)
state.setBrokerConfigs('', { 'num.partitions': '3', 'log.cleanup.policy': 'compact' })
state.setBrokerConfigs('1', { 'num.partitions': '4' })

const set = (name: string, value: string | null): ConfigChange => ({ op: 'set', name, value })
const unset = (name: string): ConfigChange => ({ op: 'delete', name })
const append = (name: string, value: string): ConfigChange => ({ op: 'append', name, value })
const subtract = (name: string, value: string): ConfigChange => ({ op: 'subtract', name, value })

const alterTopic = (command: Partial<AlterTopicConfig>, overrides = {}) => {
  const base = { kind: 'topic.config.alter', name: 'orders', mode: 'incremental' } as const
  return decideAlterTopicConfig(
    state,
    { ...base, changes: [], ...command },
    exampleContext(overrides),
  )
}

describe('topic.config.alter', () => {
  it('records the topic before and after', () => {
    const decision = alterTopic({ changes: [set('segment.ms', '5')] })
    const after = { ...orders, configs: { ...configs, 'segment.ms': '5' } }
    expect(decision).toEqual({
      error: 'NONE',
      resource: { kind: 'topic', name: 'orders', id: 'orders-id' },
      before: { ...orders },
      after,
      reversal: 'full',
      result: after,
    })
  })

  it.each<[string, readonly ConfigChange[], Record<string, string>]>([
    ['incremental', [], configs],
    ['incremental', [set('retention.ms', '5')], { ...configs, 'retention.ms': '5' }],
    ['incremental', [unset('retention.ms')], { 'cleanup.policy': 'compact' }],
    ['incremental', [unset('segment.ms')], configs],
    [
      'incremental',
      [append('cleanup.policy', 'delete')],
      { ...configs, 'cleanup.policy': 'compact,delete' },
    ],
    ['incremental', [append('cleanup.policy', 'compact')], configs],
    [
      'incremental',
      [set('flush.ms', '9223372036854775807')],
      { ...configs, 'flush.ms': '9223372036854775807' },
    ],
    ['replace', [], {}],
    ['replace', [set('segment.ms', '5')], { 'segment.ms': '5' }],
  ])('%s %j gives %j', (mode, changes, expected) => {
    const decision = alterTopic({ mode: mode === 'replace' ? 'replace' : 'incremental', changes })
    expect(decision).toMatchObject({ error: 'NONE', result: { configs: expected } })
  })

  it('lets a list grow from the value in effect when the topic has none of its own', () => {
    const changes = [append('cleanup.policy', 'compact')]
    const own = alterTopic({ name: 'plain', changes })
    expect(own).toMatchObject({ result: { configs: { 'cleanup.policy': 'delete,compact' } } })
    const brokers = alterTopic({ name: 'plain', changes }, { 'log.cleanup.policy': 'compact' })
    expect(brokers).toMatchObject({ result: { configs: { 'cleanup.policy': 'compact' } } })
  })

  it('says that changes of what is kept cannot be undone in full', () => {
    expect(alterTopic({ changes: [set('retention.ms', '5')] })).toMatchObject({
      reversal: 'side-effects',
    })
  })

  it.each<[Partial<AlterTopicConfig>, string, string]>([
    [{ name: '' }, 'INVALID_REQUEST', 'Default topic resources are not allowed.'],
    [{ name: 'a b' }, 'INVALID_TOPIC_EXCEPTION', 'characters other than'],
    [{ name: 'nobody' }, 'UNKNOWN_TOPIC_OR_PARTITION', "The topic 'nobody' does not exist."],
    [{ name: '__audit', changes: [set('retention.ms', '5')] }, 'POLICY_VIOLATION', 'built in'],
    [{ name: '__events', changes: [set('retention.ms', '5')] }, 'POLICY_VIOLATION', 'built in'],
    [
      { name: '__consumer_offsets', changes: [set('glasslog.durability', 'os')] },
      'POLICY_VIOLATION',
      'cannot be relaxed',
    ],
    [{ changes: [set('retention.ms', 'x')] }, 'INVALID_CONFIG', 'whole number'],
    [{ changes: [set('nothing', 'x')] }, 'INVALID_CONFIG', 'nothing is not a configuration'],
    [{ changes: [set('preallocate', 'true')] }, 'INVALID_CONFIG', 'preallocate has no effect here'],
    [
      { changes: [set('retention.ms', null)] },
      'INVALID_REQUEST',
      'Null value not supported for : retention.ms',
    ],
    [
      { changes: [set('segment.ms', '1'), unset('segment.ms')] },
      'INVALID_REQUEST',
      'duplicate config keys',
    ],
    [
      { changes: [append('retention.ms', '1')] },
      'INVALID_CONFIG',
      "Can't APPEND to key retention.ms because its type is not LIST.",
    ],
    [{ changes: [subtract('nothing', '1')] }, 'INVALID_CONFIG', "Can't SUBTRACT to key nothing"],
    [{ changes: [subtract('cleanup.policy', 'compact')] }, 'INVALID_CONFIG', 'at least 1 element'],
    [{ changes: [append('cleanup.policy', 'shred')] }, 'INVALID_CONFIG', 'among compact, delete'],
    [{ changes: [set('cleanup.policy', 'c'.repeat(32_768))] }, 'INVALID_CONFIG', '32767'],
  ])('refuses %j: %s', (command, error, message) => {
    expect(alterTopic(command)).toMatchObject({ error, message: expect.stringContaining(message) })
  })

  it('checks values against the defaults that the topic falls back to', () => {
    const changes = [set('min.compaction.lag.ms', '5000')]
    const overrides = { 'log.cleaner.max.compaction.lag.ms': '4000' }
    expect(alterTopic({ changes }, overrides)).toMatchObject({ error: 'INVALID_CONFIG' })
  })
})

const alterBroker = (command: Partial<AlterBrokerConfig>) => {
  const base = { kind: 'broker.config.alter', brokerId: '', mode: 'incremental' } as const
  return decideAlterBrokerConfig(state, { ...base, changes: [], ...command }, exampleContext())
}

describe('broker.config.alter', () => {
  it('records what is set for that broker id', () => {
    expect(alterBroker({ brokerId: '1', changes: [set('num.partitions', '9')] })).toEqual({
      error: 'NONE',
      resource: { kind: 'broker-config', name: '1', id: null },
      before: { configs: { 'num.partitions': '4' } },
      after: { configs: { 'num.partitions': '9' } },
      reversal: 'side-effects',
      result: { 'num.partitions': '9' },
    })
  })

  it.each<[Partial<AlterBrokerConfig>, Record<string, string>]>([
    [{ changes: [unset('num.partitions')] }, { 'log.cleanup.policy': 'compact' }],
    [{ mode: 'replace', changes: [set('log.retention.ms', '5')] }, { 'log.retention.ms': '5' }],
    [{ mode: 'replace' }, {}],
    [
      { brokerId: '1', changes: [append('log.cleanup.policy', 'delete')] },
      { 'num.partitions': '4', 'log.cleanup.policy': 'compact,delete' },
    ],
  ])('%j gives %j', (command, expected) => {
    expect(alterBroker(command)).toMatchObject({ error: 'NONE', result: expected })
  })

  it.each<[Partial<AlterBrokerConfig>, string, string]>([
    [{ brokerId: '2' }, 'INVALID_REQUEST', 'Unexpected broker id, expected 1, but received 2'],
    [{ brokerId: 'one' }, 'INVALID_REQUEST', 'Node id must be an integer, but it is: one'],
    [
      { changes: [set('log.retention.hours', '5')] },
      'INVALID_REQUEST',
      'Cannot update these configs dynamically: log.retention.hours',
    ],
    [{ changes: [set('num.partitions', '0')] }, 'INVALID_CONFIG', 'at least 1'],
    [
      { changes: [set('num.io.threads', '16')] },
      'INVALID_CONFIG',
      'num.io.threads has no effect here',
    ],
    [{ changes: [set('nothing', '1')] }, 'INVALID_CONFIG', 'nothing is not a configuration'],
    [{ changes: [set('num.partitions', null)] }, 'INVALID_REQUEST', 'Null value'],
    [
      {
        changes: [
          set('log.cleaner.min.compaction.lag.ms', '5'),
          set('log.cleaner.max.compaction.lag.ms', '4'),
        ],
      },
      'INVALID_CONFIG',
      'must not be more than',
    ],
  ])('refuses %j: %s', (command, error, message) => {
    expect(alterBroker(command)).toMatchObject({ error, message: expect.stringContaining(message) })
  })
})
