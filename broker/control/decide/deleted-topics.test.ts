import { describe, expect, it } from 'vitest'
import type { RestoreTopic } from '../commands.ts'
import type { DeletedTopic } from '../port.ts'
import { decidePurgeTopic, decideRestoreTopic } from './deleted-topics.ts'
import { exampleContext, exampleState, exampleTopic } from './fixture.ts'
import { decideAlterTopicQuota } from './topic-quotas.ts'

function deleted(name: string, changes: Partial<DeletedTopic> = {}): DeletedTopic {
  const times = { deletedAtMs: 10, purgeAtMs: 20, isPurging: false }
  return { ...exampleTopic(name, { configs: { 'retention.ms': '7' } }), ...times, ...changes }
}

function stateWith(topics: readonly string[], ...gone: readonly DeletedTopic[]) {
  const state = exampleState(...topics.map((name) => exampleTopic(name)))
  for (const topic of gone) state.putDeletedTopic(topic)
  return state
}

const restore = (asked: Omit<RestoreTopic, 'kind'>) =>
  ({ kind: 'topic.restore', ...asked }) as const

describe('topic.restore', () => {
  it.each([[{ name: 'orders' }], [{ id: 'orders-id' }]])('brings %j back whole', (asked) => {
    const gone = deleted('orders')
    const { deletedAtMs: _, purgeAtMs: __, isPurging: ___, ...whole } = gone
    expect(decideRestoreTopic(stateWith([], gone), restore(asked), exampleContext())).toEqual({
      error: 'NONE',
      resource: { kind: 'topic', name: 'orders', id: 'orders-id' },
      before: gone,
      after: whole,
      reversal: 'full',
      result: whole,
    })
  })

  it('takes the one that was deleted last', () => {
    const older = deleted('orders', { id: 'older', deletedAtMs: 5 })
    const newer = deleted('orders', { id: 'newer', deletedAtMs: 6 })
    const state = stateWith([], newer, older)
    const decision = decideRestoreTopic(state, restore({ name: 'orders' }), exampleContext())
    expect(decision).toMatchObject({ result: { id: 'newer' } })
  })

  it.each([
    [['orders'], {}, 'orders-restored'],
    [['orders', 'orders-restored'], {}, 'orders-restored-2'],
    [['orders'], { newName: 'bills' }, 'bills'],
    [[], { newName: 'bills' }, 'bills'],
  ])('with %j there and %j names it %s', (topics, changes, name) => {
    const state = stateWith(topics, deleted('orders', { id: 'gone-id' }))
    const asked = restore({ id: 'gone-id', ...changes })
    expect(decideRestoreTopic(state, asked, exampleContext())).toMatchObject({
      result: { id: 'gone-id', name, configs: { 'retention.ms': '7' } },
    })
  })

  it.each<[Omit<RestoreTopic, 'kind'>, DeletedTopic, string]>([
    [{ name: 'nobody' }, deleted('orders'), 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ id: 'nobody' }, deleted('orders'), 'UNKNOWN_TOPIC_ID'],
    [{ id: 'orders-id' }, deleted('orders', { isPurging: true }), 'POLICY_VIOLATION'],
    [{ name: 'orders' }, deleted('orders', { isPurging: true }), 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ name: 'orders', newName: 'taken' }, deleted('orders'), 'TOPIC_ALREADY_EXISTS'],
    [{ name: 'orders', newName: 'a b' }, deleted('orders'), 'INVALID_TOPIC_EXCEPTION'],
    [{ name: 'orders', newName: '__audit2' }, deleted('orders'), 'NONE'],
    [{ name: 'orders', newName: '__audit' }, deleted('orders'), 'INVALID_REQUEST'],
    [{ name: 'or.ders' }, deleted('or.ders'), 'INVALID_TOPIC_EXCEPTION'],
  ])('answers %j for %o: %s', (asked, gone, error) => {
    const state = stateWith(['taken', 'or_ders'], gone)
    expect(decideRestoreTopic(state, restore(asked), exampleContext())).toMatchObject({ error })
  })

  it('counts the partitions that come back', () => {
    const context = exampleContext({ 'glasslog.partitions.max': '5' })
    const state = stateWith(['other'], deleted('orders'))
    const decision = decideRestoreTopic(state, restore({ name: 'orders' }), context)
    expect(decision).toMatchObject({ error: 'INVALID_PARTITIONS' })
  })
})

describe('topic.purge', () => {
  it('is an intent first, after which nobody can restore the topic', () => {
    const gone = deleted('orders')
    const command = { kind: 'topic.purge', id: 'orders-id' } as const
    expect(decidePurgeTopic(stateWith([], gone), command)).toEqual({
      error: 'NONE',
      resource: { kind: 'topic', name: 'orders', id: 'orders-id' },
      before: gone,
      after: { ...gone, isPurging: true },
      reversal: 'none',
      result: null,
    })
  })

  it('leaves topics alone that are there', () => {
    const command = { kind: 'topic.purge', id: 'orders-id' } as const
    expect(decidePurgeTopic(stateWith(['orders']), command)).toMatchObject({
      error: 'UNKNOWN_TOPIC_ID',
    })
  })
})

describe('topic.quota.alter', () => {
  const alter = (changes: object, name = 'orders') =>
    decideAlterTopicQuota(stateWith(['orders', '__consumer_offsets']), {
      kind: 'topic.quota.alter',
      name,
      ...changes,
    })

  it('makes the throttle part of the topic', () => {
    const quota = { producerByteRate: 1000, consumerByteRate: null }
    expect(alter({ producerByteRate: 1000 })).toMatchObject({ after: { name: 'orders', quota } })
  })

  it('leaves nothing behind when no limit is left', () => {
    const state = exampleState(
      exampleTopic('orders', { quota: { producerByteRate: 5, consumerByteRate: null } }),
    )
    const command = { kind: 'topic.quota.alter', name: 'orders', producerByteRate: null } as const
    const decision = decideAlterTopicQuota(state, command)
    if (decision.error !== 'NONE') throw new Error(decision.message)
    expect(decision.result).toEqual(exampleTopic('orders'))
  })

  it.each([
    [{ producerByteRate: 0 }, 'orders', 'INVALID_REQUEST'],
    [{ consumerByteRate: 1.5 }, 'orders', 'INVALID_REQUEST'],
    [{}, 'nobody', 'UNKNOWN_TOPIC_OR_PARTITION'],
  ])('refuses %j of %s: %s', (changes, name, error) => {
    expect(alter(changes, name)).toMatchObject({ error })
  })
})
