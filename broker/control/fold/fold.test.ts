import { describe, expect, it } from 'vitest'
import type { HistoryRecord, Json } from '../../../audit/index.ts'
import { HistoryError } from '../../../audit/index.ts'
import { exampleRecord } from '../../../audit/testing.ts'
import { AUDIT_TOPIC } from '../audit-topic.ts'
import { EVENTS_TOPIC } from '../events-topic.ts'
import type { Topic } from '../port.ts'
import { applyRecord } from './fold.ts'
import { LiveState } from './folded-state.ts'
import { resourceToJson } from './resource-json.ts'

const orders: Topic = {
  id: 'orders-id',
  name: 'orders.v1',
  partitionCount: 3,
  configs: { 'retention.ms': '5' },
  internal: true,
  createdAtMs: 7,
}
/** The members of a topic without quota, as a record carries them. */
const { quota: _, ...json } = orders
const resource = { kind: 'topic', name: orders.name, id: orders.id }

function stateAfter(...records: readonly Partial<HistoryRecord>[]): LiveState {
  const state = new LiveState()
  for (const [seq, changes] of records.entries()) applyRecord(state, exampleRecord(seq, changes))
  return state
}

const created = { resource, after: resourceToJson(orders) }
const refused = { outcome: { code: 'INVALID_CONFIG', message: 'no' }, after: null }

describe('the fold', () => {
  it('begins with the cluster and the topics that are built in', () => {
    const cluster = { kind: 'cluster', name: 'c1', id: 'c1' }
    const state = stateAfter({ resource: cluster, after: { clusterId: 'c1' } })
    expect(state.clusterId).toBe('c1')
    expect(state.seq).toBe(0)
    expect([...state.topics.values()]).toEqual([
      { ...AUDIT_TOPIC, createdAtMs: 0 },
      { ...EVENTS_TOPIC, createdAtMs: 0 },
    ])
    expect(state.partitionCount).toBe(2)
  })

  it('creates, changes and deletes topics', () => {
    const grown = { ...orders, partitionCount: 5, configs: {} }
    const state = stateAfter(created, { resource, after: resourceToJson(grown) })
    expect(state.topics.get('orders.v1')).toEqual(grown)
    expect(state.topicsById.get('orders-id')).toEqual(grown)
    expect(state.partitionCount).toBe(5)
    expect(state.collidingTopic('orders_v1')).toBe('orders.v1')

    applyRecord(state, exampleRecord(2, { resource, after: null }))
    expect(state.topics.size).toBe(0)
    expect(state.topicsById.size).toBe(0)
    expect(state.partitionCount).toBe(0)
    expect(state.collidingTopic('orders_v1')).toBeUndefined()
  })

  it('takes nothing from attempts that were refused', () => {
    const state = stateAfter(created, { resource, ...refused })
    expect(state.topics.get('orders.v1')).toEqual(orders)
    expect(state.seq).toBe(1)
  })

  it('deletes by id: a topic of the same name that came later stays', () => {
    const later = { ...orders, id: 'later-id' }
    const laterResource = { ...resource, id: later.id }
    const state = stateAfter(
      created,
      { resource, after: null },
      { resource: laterResource, after: resourceToJson(later) },
      { resource, after: null },
    )
    expect(state.topics.get('orders.v1')).toEqual(later)
  })

  it('keeps what is set for each broker id', () => {
    const wide = { kind: 'broker-config', name: '', id: null }
    const state = stateAfter({ resource: wide, after: { configs: { a: '1' } } })
    expect(state.brokerConfigs.get('')).toEqual({ a: '1' })
    applyRecord(state, exampleRecord(1, { resource: wide, after: { configs: {} } }))
    expect(state.brokerConfigs.size).toBe(0)
  })

  it('knows which producer ids were never handed out', () => {
    const ids = { kind: 'producer-ids', name: 'producer-ids', id: null }
    const state = stateAfter({ resource: ids, after: { nextProducerId: '9007199254740993' } })
    expect(state.nextProducerId).toBe(9_007_199_254_740_993n)
  })

  it.each([
    [
      { phase: 'done', intent: 0, logStartOffset: 5 },
      { code: 'NONE', message: null },
    ],
    [
      { phase: 'failed', intent: 0 },
      { code: 'KAFKA_STORAGE_ERROR', message: 'no' },
    ],
  ])('keeps a purge open until its outcome %j', (after, outcome) => {
    const records = { kind: 'records', name: 'orders-1', id: 'orders-id' }
    const purge = { intent: 0, topicId: 'orders-id', partition: 1, offset: 5 }
    const state = stateAfter({ resource: records, after: { phase: 'intent', ...purge } })
    expect([...state.openPurges.values()]).toEqual([{ ...purge, name: 'orders-1' }])
    applyRecord(state, exampleRecord(1, { resource: records, after, outcome }))
    expect(state.openPurges.size).toBe(0)
  })

  it.each<[string, Json, string]>([
    ['spaceship', {}, 'about a "spaceship", which this program does not know'],
    ['topic', 5, 'its after is not an object'],
    ['topic', { ...json, id: 5 }, 'after.id is not a text'],
    ['topic', { ...json, partitionCount: 1.5 }, 'after.partitionCount is not a whole'],
    ['topic', { ...json, configs: { a: 1 } }, 'after.configs has a value'],
    ['cluster', null, 'its after is not an object'],
    ['broker-config', {}, 'after.configs is not an object'],
    ['producer-ids', { nextProducerId: 5 }, 'after.nextProducerId is not a text'],
    ['records', { phase: 'intent' }, 'after.intent is not a whole number'],
  ])('stops at a %s that is %j', (kind, after, message) => {
    const fold = (): unknown => stateAfter({ resource: { ...resource, kind }, after })
    expect(fold).toThrow(HistoryError)
    expect(fold).toThrow(message)
  })
})

describe('a draft', () => {
  it('sees what it is based on, and keeps its changes to itself', () => {
    const state = stateAfter(created)
    const draft = state.draft()
    draft.removeTopic('orders-id')
    draft.putTopic({ ...orders, id: 'new-id', name: 'new_one', partitionCount: 9 })
    draft.setBrokerConfigs('', { a: '1' })
    draft.setSeq(44)
    draft.setNextProducerId(5n)
    expect(draft.tables.topics.get('orders.v1')).toBeUndefined()
    expect(draft.tables.topics.get('new_one')?.id).toBe('new-id')
    expect(draft.collidingTopic('orders_v1')).toBeUndefined()
    expect(draft.collidingTopic('new.one')).toBe('new_one')
    expect(draft.partitionCount).toBe(9)

    expect([...state.topics.keys()]).toEqual(['orders.v1'])
    expect(state.collidingTopic('orders_v1')).toBe('orders.v1')
    expect(state.collidingTopic('new.one')).toBeUndefined()
    expect(state.brokerConfigs.size).toBe(0)
    expect([state.seq, state.partitionCount, state.nextProducerId]).toEqual([0, 3, 0n])
  })
})
