import { describe, expect, it } from 'vitest'
import type { CreatePartitions, CreateTopic, DeleteTopic } from '../commands.ts'
import { decideDeleteTopic } from './deleted-topics.ts'
import { exampleContext, exampleState, exampleTopic } from './fixture.ts'
import { decideCreatePartitions, decideCreateTopic } from './topics.ts'

const orders = exampleTopic('orders')
const offsets = exampleTopic('__consumer_offsets', { internal: true })
const state = exampleState(orders, offsets, exampleTopic('a_b'), exampleTopic('c.d'))

function create(changes: Partial<CreateTopic> = {}): CreateTopic {
  const kind = 'topic.create'
  const base = { kind, name: 'new', partitionCount: 2, replicationFactor: 1 } as const
  return { ...base, assignments: [], configs: [], ...changes }
}

const assigned = (...brokerIds: readonly number[][]): Partial<CreateTopic> => ({
  partitionCount: -1,
  replicationFactor: -1,
  assignments: brokerIds.map((ids, partition) => ({ partition, brokerIds: ids })),
})

describe('topic.create', () => {
  it('gives the topic an id and keeps what was set', () => {
    const configs = [{ name: 'retention.ms', value: '1000' }]
    const decision = decideCreateTopic(state, create({ configs }), exampleContext())
    const topic = {
      id: 'new-id-1',
      name: 'new',
      partitionCount: 2,
      configs: { 'retention.ms': '1000' },
      internal: false,
      createdAtMs: 1_700_000_000_000,
    }
    expect(decision).toEqual({
      error: 'NONE',
      resource: { kind: 'topic', name: 'new', id: 'new-id-1' },
      before: null,
      after: topic,
      reversal: 'side-effects',
      result: topic,
    })
    expect(state.topics.has('new')).toBe(false)
  })

  it.each<[string, Partial<CreateTopic>, Record<string, string>, number]>([
    ['num.partitions', { partitionCount: -1 }, { 'num.partitions': '7' }, 7],
    ['the default factor', { replicationFactor: -1 }, {}, 2],
    ['assignments to this broker', assigned([1], [1], [1]), {}, 3],
    [
      'a factor that is clamped',
      { replicationFactor: 3 },
      { 'glasslog.replication.factor.clamp': 'true' },
      2,
    ],
    [
      'a default of an inert config',
      { configs: [{ name: 'flush.ms', value: '9223372036854775807' }] },
      {},
      2,
    ],
    ['a name of 249 characters', { name: 'x'.repeat(249) }, {}, 2],
    ["the broker's own topic", { name: '__transaction_state', internal: true }, {}, 2],
    [
      "the broker's own topic past the limit",
      { name: '__transaction_state', internal: true },
      { 'glasslog.partitions.max': '1' },
      2,
    ],
  ])('accepts %s', (_, changes, overrides, partitionCount) => {
    const decision = decideCreateTopic(state, create(changes), exampleContext(overrides))
    expect(decision).toMatchObject({ error: 'NONE', result: { partitionCount } })
  })

  it.each<[Partial<CreateTopic>, string, string]>([
    [{ name: 'orders' }, 'TOPIC_ALREADY_EXISTS', "Topic 'orders' already exists."],
    [
      { name: '' },
      'INVALID_TOPIC_EXCEPTION',
      'Topic name is invalid: the empty string is not allowed',
    ],
    [{ name: '.' }, 'INVALID_TOPIC_EXCEPTION', "'.' is not allowed"],
    [{ name: '..' }, 'INVALID_TOPIC_EXCEPTION', "'..' is not allowed"],
    [
      { name: 'x'.repeat(250) },
      'INVALID_TOPIC_EXCEPTION',
      'longer than the max allowed length 249',
    ],
    [{ name: 'a b' }, 'INVALID_TOPIC_EXCEPTION', 'characters other than ASCII alphanumerics'],
    [{ name: 'ü' }, 'INVALID_TOPIC_EXCEPTION', 'characters other than ASCII alphanumerics'],
    [{ name: 'a.b' }, 'INVALID_TOPIC_EXCEPTION', "Topic 'a.b' collides with existing topic: a_b"],
    [{ name: 'c_d' }, 'INVALID_TOPIC_EXCEPTION', "Topic 'c_d' collides with existing topic: c.d"],
    [{ name: '__audit' }, 'INVALID_REQUEST', 'Creation of internal topic __audit is prohibited.'],
    [{ name: '__secrets' }, 'INVALID_REQUEST', 'prohibited'],
    [{ partitionCount: 0 }, 'INVALID_PARTITIONS', 'non-positive'],
    [{ partitionCount: -2 }, 'INVALID_PARTITIONS', 'non-positive'],
    [
      { partitionCount: 2_147_483_647 },
      'INVALID_PARTITIONS',
      'glasslog.partitions.max allows: there are 12, and 20000',
    ],
    [{ replicationFactor: 0 }, 'INVALID_REPLICATION_FACTOR', 'larger than 0'],
    [{ replicationFactor: -2 }, 'INVALID_REPLICATION_FACTOR', 'larger than 0'],
    [{ replicationFactor: 2 }, 'INVALID_REPLICATION_FACTOR', 'only 1 broker(s) are registered'],
    [
      { ...assigned([1]), replicationFactor: 1 },
      'INVALID_REQUEST',
      'replication factor was not set to -1',
    ],
    [{ ...assigned([1]), partitionCount: 1 }, 'INVALID_REQUEST', 'numPartitions was not set to -1'],
    [assigned([]), 'INVALID_REPLICA_ASSIGNMENT', 'an empty replica list'],
    [assigned([1], [2]), 'INVALID_REPLICA_ASSIGNMENT', 'broker 2, but no such broker'],
    [assigned([1, 1]), 'INVALID_REPLICA_ASSIGNMENT', 'the broker 1 more than once'],
    [
      { ...assigned(), assignments: [0, 0].map((partition) => ({ partition, brokerIds: [1] })) },
      'INVALID_REPLICA_ASSIGNMENT',
      'multiple manual partition assignments for partition 0',
    ],
    [
      { ...assigned(), assignments: [0, 2].map((partition) => ({ partition, brokerIds: [1] })) },
      'INVALID_REPLICA_ASSIGNMENT',
      'consecutive 0-based',
    ],
    [
      { configs: [{ name: 'retention.ms', value: null }] },
      'INVALID_CONFIG',
      'Null value not supported for topic configs: retention.ms',
    ],
    [
      { configs: [{ name: 'retention', value: '1' }] },
      'INVALID_CONFIG',
      'retention is not a configuration',
    ],
    [{ configs: [{ name: 'retention.ms', value: '-2' }] }, 'INVALID_CONFIG', 'at least -1'],
    [
      { configs: [{ name: 'flush.ms', value: '5' }] },
      'INVALID_CONFIG',
      'flush.ms has no effect here',
    ],
    [
      { configs: [{ name: 'cleanup.policy', value: 'c'.repeat(40_000) }] },
      'INVALID_CONFIG',
      '32767 characters',
    ],
    [
      {
        configs: [
          { name: 'min.compaction.lag.ms', value: '5' },
          { name: 'max.compaction.lag.ms', value: '4' },
        ],
      },
      'INVALID_CONFIG',
      'min.compaction.lag.ms (5) > max.compaction.lag.ms (4)',
    ],
    [
      {
        configs: [
          { name: 'retention.ms', value: 'x' },
          { name: 'segment.ms', value: '0' },
        ],
      },
      'INVALID_CONFIG',
      'segment.ms: it must be at least 1',
    ],
  ])('refuses %j: %s', (changes, error, message) => {
    const decision = decideCreateTopic(state, create(changes), exampleContext())
    expect(decision).toMatchObject({ error, message: expect.stringContaining(message) })
  })

  it('refuses the default factor when it needs more brokers than there are', () => {
    const context = exampleContext({ 'default.replication.factor': '3' })
    const decision = decideCreateTopic(state, create({ replicationFactor: -1 }), context)
    expect(decision).toMatchObject({ error: 'INVALID_REPLICATION_FACTOR' })
  })
})

describe('topic.delete', () => {
  const decide = (command: Omit<DeleteTopic, 'kind'>, overrides = {}) =>
    decideDeleteTopic(state, { kind: 'topic.delete', ...command }, exampleContext(overrides))

  it.each([[{ name: 'orders' }], [{ id: 'orders-id' }]])('hides %j', (command) => {
    const deletedAtMs = 1_700_000_000_000
    const purgeAtMs = deletedAtMs + 86_400_000
    const deleted = { ...orders, deletedAtMs, purgeAtMs, isPurging: false }
    expect(decide(command)).toEqual({
      error: 'NONE',
      resource: { kind: 'topic', name: 'orders', id: 'orders-id' },
      before: { ...orders },
      after: deleted,
      reversal: 'side-effects',
      result: deleted,
    })
  })

  it.each([
    [{ name: 'orders', purgeNow: true }, {}],
    [{ name: 'orders' }, { 'topic.undelete.retention.ms': '0' }],
  ])('leaves no time to restore %j with %j', (command, overrides) => {
    expect(decide(command, overrides)).toMatchObject({
      after: { purgeAtMs: 1_700_000_000_000, isPurging: true },
      reversal: 'none',
    })
  })

  it.each<[Omit<DeleteTopic, 'kind'>, Record<string, string>, string]>([
    [{ name: 'nobody' }, {}, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ id: 'nobody' }, {}, 'UNKNOWN_TOPIC_ID'],
    [{ name: '__consumer_offsets' }, {}, 'POLICY_VIOLATION'],
    [{ id: '__consumer_offsets-id' }, {}, 'POLICY_VIOLATION'],
    [{ name: 'orders' }, { 'delete.topic.enable': 'false' }, 'TOPIC_DELETION_DISABLED'],
  ])('refuses %j with %j: %s', (command, overrides, error) => {
    expect(decide(command, overrides)).toMatchObject({ error })
  })
})

describe('topic.partitions.create', () => {
  const decide = (command: Partial<CreatePartitions>) => {
    const base = { kind: 'topic.partitions.create', name: 'orders', totalCount: 5 } as const
    return decideCreatePartitions(
      state,
      { ...base, assignments: null, ...command },
      exampleContext(),
    )
  }

  it.each<Partial<CreatePartitions>>([{}, { assignments: [[1], [1]] }])(
    'adds with %j',
    (command) => {
      const after = { ...orders, partitionCount: 5 }
      expect(decide(command)).toMatchObject({ error: 'NONE', before: orders, after, result: after })
    },
  )

  it.each<[Partial<CreatePartitions>, string, string]>([
    [{ name: 'nobody' }, 'UNKNOWN_TOPIC_OR_PARTITION', 'does not exist'],
    [{ name: '__consumer_offsets' }, 'POLICY_VIOLATION', 'fixed'],
    [{ totalCount: 3 }, 'INVALID_PARTITIONS', 'Topic already has 3 partition(s).'],
    [
      { totalCount: 2 },
      'INVALID_PARTITIONS',
      'currently has 3 partition(s); 2 would not be an increase',
    ],
    [{ totalCount: -1 }, 'INVALID_PARTITIONS', 'would not be an increase'],
    [{ totalCount: 30_000 }, 'INVALID_PARTITIONS', 'glasslog.partitions.max'],
    [
      { assignments: [[1]] },
      'INVALID_REPLICA_ASSIGNMENT',
      'add 2 additional partition(s), but only 1',
    ],
    [{ assignments: [[1], [2]] }, 'INVALID_REPLICA_ASSIGNMENT', 'no such broker'],
  ])('refuses %j: %s', (command, error, message) => {
    expect(decide(command)).toMatchObject({ error, message: expect.stringContaining(message) })
  })
})
