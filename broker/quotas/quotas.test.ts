import { beforeEach, describe, expect, it } from 'vitest'
import type { SimTime } from '../../kit/testing.ts'
import { createSimTime } from '../../kit/testing.ts'
import type { ClientQuota, QuotaEntity, Topic } from '../control/index.ts'
import { quotaEntityKey } from '../control/index.ts'
import type { QuotaClient } from './client-throttles.ts'
import { Quotas } from './quotas.ts'
import { MAX_THROTTLES } from './throttle-table.ts'

let time: SimTime
let quotas: Quotas
let holds: string[]
let changes: number
let alice: QuotaClient

const state = {
  quotas: new Map<string, ClientQuota>(),
  topicsById: new Map<string, Topic>(),
  quotaSeq: 0,
}

beforeEach(() => {
  time = createSimTime()
  state.quotas.clear()
  state.topicsById.clear()
  holds = []
  changes = 0
  alice = { principal: 'User:alice' }
  const onHold = (kind: string, name: string, waitMs: number) => {
    holds.push(`${kind} ${name} ${waitMs}`)
  }
  quotas = new Quotas({ state, clock: time.clock, onHold })
  quotas.onChange(() => changes++)
})

function set(entity: QuotaEntity, limits: ClientQuota['limits'] | null): void {
  const key = quotaEntityKey(entity)
  if (limits) state.quotas.set(key, { entity, limits })
  else state.quotas.delete(key)
  state.quotaSeq++
  quotas.follow()
}

function setTopic(quota: Topic['quota']): Topic {
  const topic: Topic = {
    ...{ id: 'topic-id', name: 'orders', partitionCount: 1, configs: {}, internal: false },
    ...{ createdAtMs: 0, ...(quota ? { quota } : {}) },
  }
  state.topicsById.set(topic.id, topic)
  state.quotaSeq++
  quotas.follow()
  return topic
}

const connectionOf = (principal: string): QuotaClient => ({ principal })

describe('quotas of clients', () => {
  it('are nothing to look at where none is set', () => {
    expect(quotas.areSet).toBe(false)
    set({ user: 'alice' }, { producer_byte_rate: 1 })
    expect(quotas.areSet).toBe(true)
    set({ user: 'alice' }, null)
    expect(quotas.areSet).toBe(false)
  })

  it('are remembered by the connection until they change, or its user or client id does', () => {
    set({ user: null }, { producer_byte_rate: 1000 })
    const connection = { principal: 'User:alice', quotaMemo: undefined }
    const first = quotas.of(connection, 'app')
    expect(quotas.of(connection, 'app')).toBe(first)
    expect(quotas.of(connection, 'other')).not.toBe(first)
    connection.principal = 'User:bob'
    const second = quotas.of(connection, 'other')
    set({ user: 'carol' }, { producer_byte_rate: 1 })
    expect(quotas.of(connection, 'other')).not.toBe(second)
  })

  it('hold a client for as long as its debt, and count that', async () => {
    set({ user: 'alice' }, { producer_byte_rate: 1000 })
    expect(quotas.of(alice, 'app').produced(1000)).toBeNull()
    const hold = quotas.of(alice, 'app').produced(250)
    expect(hold?.waitMs).toBe(250)
    await time.advance(100)
    expect(hold?.remainingMs()).toBe(150)
    expect(holds).toEqual(['producer_byte_rate alice 250'])
    expect([...quotas.counts.all()]).toEqual([
      { kind: 'producer_byte_rate', name: 'alice', count: 1, totalMs: 250 },
    ])
  })

  it('are shared by all connections of a user, and a default is for each user', () => {
    set({ user: null }, { producer_byte_rate: 1000 })
    const [one, other] = [connectionOf('User:alice'), connectionOf('User:alice')]
    expect(quotas.of(one, 'a').produced(1000)).toBeNull()
    expect(quotas.of(other, 'b').produced(1)?.waitMs).toBe(1)
    expect(quotas.of(connectionOf('User:bob'), 'a').produced(1000)).toBeNull()
  })

  it('are shared by all users of a client id, where the limit is of the client id alone', () => {
    set({ clientId: 'app' }, { producer_byte_rate: 1000 })
    expect(quotas.of(connectionOf('User:alice'), 'app').produced(1000)).toBeNull()
    expect(quotas.of(connectionOf('User:bob'), 'app').produced(500)?.waitMs).toBe(500)
    expect(quotas.of(connectionOf('User:bob'), 'web').produced(5000)).toBeNull()
  })

  it('that change reach a client that lives, and one that is held', async () => {
    set({ user: 'alice' }, { producer_byte_rate: 10 })
    const hold = quotas.of(alice, 'app').produced(1010)
    expect(hold?.waitMs).toBe(100_000)
    set({ user: 'alice' }, { producer_byte_rate: 1000 })
    expect(hold?.remainingMs()).toBe(1000)
    // A limit that comes before it, with nothing taken of it yet.
    set({ user: 'alice', clientId: 'app' }, { producer_byte_rate: 10 })
    expect(hold?.remainingMs()).toBe(0)
    set({ user: 'alice', clientId: 'app' }, null)
    set({ user: 'alice' }, null)
    expect(hold?.remainingMs()).toBe(0)
    expect(quotas.of(alice, 'app').produced(1_000_000)).toBeNull()
    await time.settle()
    expect(changes).toBe(1)
  })

  it('of one user do not change with the limits of others of whom they share nothing', () => {
    set({ user: 'alice' }, { producer_byte_rate: 1000 })
    quotas.of(connectionOf('User:alice'), 'a').produced(1000)
    set({ user: 'alice', clientId: 'a' }, { producer_byte_rate: 5 })
    expect(quotas.of(connectionOf('User:alice'), 'b').produced(100)?.waitMs).toBe(100)
  })

  it('let fetch what there is, and hold a fetch until a slice of a second has come', async () => {
    set({ user: 'alice' }, { consumer_byte_rate: 1000 })
    const throttles = quotas.of(alice, 'app')
    expect([throttles.fetchHold(), throttles.fetchableBytes]).toEqual([null, 1000])
    throttles.fetched(1500)
    expect(throttles.fetchHold()?.waitMs).toBe(600)
    await time.advance(600)
    expect([throttles.fetchHold(), throttles.fetchableBytes]).toEqual([null, 100])
  })

  it('hold whoever uses too much of the thread, for a second at most', () => {
    set({ user: 'alice' }, { request_percentage: 1 })
    const throttles = quotas.of(alice, 'app')
    expect(throttles.worked(10)).toBeNull()
    expect(throttles.worked(1)?.waitMs).toBe(100)
    expect(throttles.worked(500)?.waitMs).toBe(1000)
  })

  it('of 10,000 client ids and more take a bounded number of throttles', async () => {
    set({ clientId: null }, { producer_byte_rate: 10 })
    for (let n = 0; n < 3 * MAX_THROTTLES; n++) {
      quotas.of(alice, `client-${n}`).produced(n % 2 === 0 ? 1000 : 0)
    }
    expect(quotas.throttleCount).toBeLessThanOrEqual(MAX_THROTTLES)
    // Those that took nothing lately are forgotten, and nobody notices.
    await time.advance(200_000)
    quotas.of(alice, 'one-more')
    expect(quotas.throttleCount).toBe(1)
  })

  it('tell very long client ids apart by how they begin', () => {
    set({ clientId: null }, { producer_byte_rate: 1000 })
    quotas.of(alice, `${'x'.repeat(30_000)}1`).produced(1000)
    expect(quotas.of(alice, `${'x'.repeat(30_000)}2`).produced(1000)?.waitMs).toBe(1000)
    expect(quotas.throttleCount).toBe(1)
  })

  it('are not doubled when a throttle is forgotten that a connection remembers', async () => {
    set({ clientId: null }, { producer_byte_rate: 1000 })
    const [one, other] = [connectionOf('User:alice'), connectionOf('User:alice')]
    quotas.of(one, 'app')
    await time.advance(120_000)
    quotas.of(connectionOf('User:bob'), 'new')
    quotas.of(other, 'app').produced(1000)
    expect(quotas.of(one, 'app').produced(500)?.waitMs).toBe(500)
  })
})

describe('mutations of topics', () => {
  it('are refused by a strict quota while there is a debt', async () => {
    set({ user: 'alice' }, { controller_mutation_rate: 1 })
    const first = quotas.of(alice, null).mutations(true)
    // The burst of eleven seconds, and one that is allowed is taken whole.
    expect(first?.take(5)).toBe(true)
    expect(first?.take(8)).toBe(true)
    expect(first?.hold()).toBeNull()
    expect(first?.take(1)).toBe(false)
    expect(first?.hold()?.waitMs).toBe(2000)
    await time.advance(2000)
    const second = quotas.of(alice, null).mutations(true)
    expect(second?.take(1)).toBe(true)
    second?.give(1)
    expect(second?.take(1)).toBe(true)
  })

  it('are taken by a permissive one, which holds the client', () => {
    set({ user: 'alice' }, { controller_mutation_rate: 1 })
    const quota = quotas.of(alice, null).mutations(false)
    expect(quota?.take(11)).toBe(true)
    expect(quota?.hold()).toBeNull()
    expect(quota?.take(4)).toBe(true)
    expect(quota?.hold()?.waitMs).toBe(4000)
  })

  it('are nobody’s business without a limit', () => {
    set({ user: 'alice' }, { producer_byte_rate: 1 })
    expect(quotas.of(alice, null).mutations(true)).toBeNull()
  })
})

describe('connections of an address', () => {
  it('are let in at its rate', async () => {
    set({ ip: '10.0.0.1' }, { connection_creation_rate: 2 })
    const attempts = () => [1, 2, 3].map(() => quotas.connected('10.0.0.1'))
    expect(attempts()).toEqual([0, 0, 500])
    expect(quotas.connected('10.0.0.2')).toBe(0)
    await time.advance(500)
    expect(attempts()).toEqual([0, 500, 500])
    expect(holds[0]).toBe('connection_creation_rate 10.0.0.1 500')
  })

  it('share the rate of all that have none of their own within a /64 network', () => {
    set({ ip: null }, { connection_creation_rate: 2 })
    set({ ip: '2001:db8::9' }, { connection_creation_rate: 1 })
    const waits = ['1', '2', '3', '9'].map((host) => quotas.connected(`2001:db8::${host}`))
    expect(waits).toEqual([0, 0, 500, 0])
    expect(quotas.connected('2001:db8:0:1::3')).toBe(0)
    expect(quotas.throttleCount).toBe(3)
    expect(holds).toEqual(['connection_creation_rate 2001:db8:0:0::/64 500'])
  })
})

describe('throttles of topics', () => {
  it('are there for topics that have them, and change and go with them', async () => {
    const plain = setTopic(undefined)
    expect(quotas.ofTopic(plain)).toBeNull()
    const slow = setTopic({ producerByteRate: 100, consumerByteRate: null })
    const throttle = quotas.ofTopic(slow)
    expect(throttle?.produced(100)).toBeNull()
    const hold = throttle?.produced(50)
    expect(hold?.waitMs).toBe(500)
    expect(throttle?.fetchHold()).toBeNull()
    throttle?.fetched(1_000_000)
    expect(throttle?.fetchHold()).toBeNull()
    setTopic({ producerByteRate: 1000, consumerByteRate: 10 })
    expect(hold?.remainingMs()).toBe(50)
    throttle?.fetched(20)
    expect(throttle?.fetchHold()?.waitMs).toBe(1100)
    setTopic(undefined)
    expect(hold?.remainingMs()).toBe(0)
    expect(holds).toEqual([
      'topic_producer_byte_rate orders 500',
      'topic_consumer_byte_rate orders 1100',
    ])
  })
})
