import { describe, expect, it } from 'vitest'
import type { DeleteRecords } from '../commands.ts'
import { exampleContext, exampleState, exampleTopic } from './fixture.ts'
import { decideAllocateProducerIds } from './producer-ids.ts'
import { decideDeleteRecords } from './records.ts'

const state = exampleState(
  exampleTopic('orders'),
  exampleTopic('compacted', { configs: { 'cleanup.policy': 'compact' } }),
  exampleTopic('__consumer_offsets', { internal: true }),
)
state.setSeq(41)

const decide = (command: Partial<DeleteRecords>) => {
  const base = { kind: 'records.delete', topic: 'orders', partition: 1, offset: 50 } as const
  return decideDeleteRecords(state, { ...base, ...command }, exampleContext())
}

describe('records.delete', () => {
  it('records the intent', () => {
    expect(decide({})).toEqual({
      error: 'NONE',
      resource: { kind: 'records', name: 'orders-1', id: 'orders-id-1' },
      before: { logStartOffset: 10 },
      after: { phase: 'intent', intent: 42, topicId: 'orders-id', partition: 1, offset: 50 },
      reversal: 'none',
      result: { logStartOffset: 50 },
    })
  })

  it.each([
    [-1, 100, 100],
    [100, 100, 100],
    [3, 3, 10],
    [0, 0, 10],
  ])('offset %i becomes %i and leaves the log at %i', (offset, asked, logStartOffset) => {
    expect(decide({ offset })).toMatchObject({
      after: { offset: asked },
      result: { logStartOffset },
    })
  })

  it.each<[Partial<DeleteRecords>, string]>([
    [{ topic: 'nobody' }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ partition: 3 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ partition: -1 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ topic: '__consumer_offsets' }, 'INVALID_TOPIC_EXCEPTION'],
    [{ topic: 'compacted' }, 'POLICY_VIOLATION'],
    [{ partition: 2 }, 'KAFKA_STORAGE_ERROR'],
    [{ offset: 101 }, 'OFFSET_OUT_OF_RANGE'],
    [{ offset: -2 }, 'OFFSET_OUT_OF_RANGE'],
  ])('refuses %j: %s', (command, error) => {
    expect(decide(command)).toMatchObject({ error })
  })
})

describe('producer-ids.allocate', () => {
  it('hands out the next thousand', () => {
    const fresh = exampleState()
    fresh.setNextProducerId(3000n)
    expect(decideAllocateProducerIds(fresh)).toEqual({
      error: 'NONE',
      resource: { kind: 'producer-ids', name: 'producer-ids', id: null },
      before: { nextProducerId: '3000' },
      after: { nextProducerId: '4000' },
      reversal: 'none',
      result: { firstProducerId: 3000n, count: 1000 },
    })
  })

  it('stops at the last id', () => {
    const spent = exampleState()
    spent.setNextProducerId(2n ** 63n - 1000n)
    expect(decideAllocateProducerIds(spent)).toMatchObject({ error: 'UNKNOWN_SERVER_ERROR' })
  })
})

it('takes one intent for each partition at a time, so that a restart finds every one', () => {
  const busy = exampleState(exampleTopic('orders'))
  const intent = { intent: 7, name: 'orders-1', topicId: 'orders-id', partition: 1, offset: 20 }
  busy.openPurge(intent)
  const command = { kind: 'records.delete', topic: 'orders', offset: 50 } as const
  const decideAt = (partition: number) =>
    decideDeleteRecords(busy, { ...command, partition }, exampleContext())
  expect(decideAt(1)).toMatchObject({ error: 'INVALID_REQUEST' })
  expect(decideAt(0)).toMatchObject({ error: 'NONE' })
})
