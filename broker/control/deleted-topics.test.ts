import { describe, expect, it } from 'vitest'
import type { HistoryRecord } from '../../audit/index.ts'
import { encodeBatch } from '../../protocol/index.ts'
import type { Topic } from './port.ts'
import { alice, ControlWorld, createTopic, recordsOf } from './testing.ts'

const DAY_MS = 86_400_000

async function produce({ store, time }: ControlWorld, topic: Topic, count: number): Promise<void> {
  const log = store.find(topic.id, 0)
  if (!log) throw new Error('no log')
  for (let number = 0; number < count; number++) {
    const record = { timestampMs: time.clock.now(), key: null, value: Buffer.alloc(1000) }
    const [result] = await store.append([{ log, batch: encodeBatch([record]) }], {
      acks: 'durable',
    })
    expect(result?.kind).toBe('appended')
  }
}

async function worldWithOrders(
  overrides: Record<string, string> = {},
): Promise<{ world: ControlWorld; topic: Topic }> {
  const world = await ControlWorld.open({ overrides })
  const configs = [{ name: 'retention.ms', value: '60000' }]
  const { after: topic } = await world.run(createTopic('orders', { partitionCount: 2, configs }))
  if (!topic) throw new Error('not created')
  await produce(world, topic, 3)
  return { world, topic }
}

const operationsOf = (records: readonly HistoryRecord[]): string[] =>
  records.map(({ operation, actor }) => `${operation} by ${actor.principal}`)

describe('a deleted topic', () => {
  it('is out of sight with its name free, and comes back whole', async () => {
    const { world, topic } = await worldWithOrders()
    await world.run({ kind: 'topic.delete', name: 'orders' })
    expect(world.control.state.topics.has('orders')).toBe(false)
    expect(world.control.state.topicsById.has(topic.id)).toBe(false)
    expect(world.control.state.partitionCount).toBe(2)

    const { after: other } = await world.run(createTopic('orders'))
    const restored = await world.run({ kind: 'topic.restore', name: 'orders' })
    expect(restored.after).toEqual({ ...topic, name: 'orders-restored' })
    expect(world.control.state.topics.get('orders')).toEqual(other)
    const log = world.store.find(topic.id, 0)
    expect([log?.logStartOffset, log?.highWatermark]).toEqual([0, 3])
    expect(log?.config.retentionMs).toBe(60_000)
    await world.stop()
  })

  it('keeps all of its data, whatever its retention was, over restarts too', async () => {
    const { world, topic } = await worldWithOrders({ 'log.retention.check.interval.ms': '1000' })
    await world.run({ kind: 'topic.delete', name: 'orders' })
    await world.time.advance(DAY_MS / 2)
    expect(world.store.find(topic.id, 0)?.logStartOffset).toBe(0)
    const next = await world.restart()
    expect(next.store.find(topic.id, 0)).toMatchObject({ logStartOffset: 0, highWatermark: 3 })
    const { error } = await next.run({ kind: 'topic.restore', id: topic.id })
    expect(error).toBe('NONE')
    await next.stop()
  })

  it('is purged when topic.undelete.retention.ms is over, with an intent and an outcome', async () => {
    const { world, topic } = await worldWithOrders({ 'topic.undelete.retention.ms': '60000' })
    await world.run({ kind: 'topic.delete', name: 'orders' })
    await world.time.advance(50_000)
    expect(world.store.find(topic.id, 0)?.state).toBe('open')
    await world.time.advance(20_000)
    expect(world.store.find(topic.id, 0)).toBeUndefined()
    expect(world.control.state.deletedTopics.size).toBe(0)
    const [, , , intent, outcome] = await recordsOf(world)
    expect(intent).toMatchObject({
      operation: 'topic.purge',
      actor: { principal: 'System:broker' },
      after: { id: topic.id, isPurging: true },
      reason: 'topic.undelete.retention.ms is over',
    })
    expect(outcome).toMatchObject({
      operation: 'topic.purge',
      after: null,
      causes: [3],
      request: { freedBytes: expect.stringMatching(/^3\d{3}$/) },
    })
    expect(await world.run({ kind: 'topic.restore', id: topic.id })).toMatchObject({
      error: 'UNKNOWN_TOPIC_ID',
    })
    await world.stop()
  })

  it('is purged at once when asked for', async () => {
    const { world, topic } = await worldWithOrders()
    await world.run({ kind: 'topic.delete', name: 'orders', purgeNow: true })
    expect(world.store.find(topic.id, 0)).toBeUndefined()
    expect(operationsOf((await recordsOf(world)).slice(2))).toEqual([
      'topic.delete by User:alice',
      'topic.purge by User:alice',
    ])
    await world.stop()
  })

  it('is purged later by request', async () => {
    const { world, topic } = await worldWithOrders()
    await world.run({ kind: 'topic.delete', name: 'orders' })
    expect(await world.run({ kind: 'topic.purge', id: topic.id })).toMatchObject({ error: 'NONE' })
    expect(world.store.find(topic.id, 0)).toBeUndefined()
    expect(world.control.state.deletedTopics.size).toBe(0)
    await world.stop()
  })

  it('gives way when the disk is full, the one that was deleted first', async () => {
    const { world, topic } = await worldWithOrders()
    const { after: later } = await world.run(createTopic('later'))
    await world.run({ kind: 'topic.delete', name: 'orders' })
    await world.time.advance(1000)
    await world.run({ kind: 'topic.delete', name: 'later' })
    const { totalBytes, freeBytes } = await world.disk.space('/data')
    world.disk.capacityBytes = totalBytes - freeBytes
    for (let waitedMs = 0; world.store.diskState !== 'full' && waitedMs < 60_000; waitedMs += 500) {
      await world.time.advance(500)
    }
    await world.time.advance(1500)
    expect(world.store.find(topic.id, 0)).toBeUndefined()
    expect(world.store.find(later?.id ?? '', 0)?.state).toBe('open')
    const purge = (await recordsOf(world)).find(({ operation }) => operation === 'topic.purge')
    expect(purge?.reason).toBe('the disk is full')
    world.disk.capacityBytes = totalBytes
    await world.stop()
  })

  it('is purged after a crash between intent and outcome', async () => {
    const { world, topic } = await worldWithOrders()
    await world.run({ kind: 'topic.delete', name: 'orders' })
    world.store.drop = () => Promise.reject(new Error('the process dies here'))
    await world.run({ kind: 'topic.purge', id: topic.id })
    expect(world.control.state.deletedTopics.get(topic.id)?.isPurging).toBe(true)
    const next = await world.restart()
    expect(next.store.find(topic.id, 0)).toBeUndefined()
    expect(next.control.state.deletedTopics.size).toBe(0)
    expect(operationsOf((await recordsOf(next)).slice(-1))).toEqual([
      'topic.purge by System:broker',
    ])
    await next.stop()
  })

  it('that was created and deleted by a single call comes back with logs', async () => {
    const world = await ControlWorld.open()
    await world.control.execute([createTopic('t'), { kind: 'topic.delete', name: 't' }], alice)
    const { after: topic } = await world.run({ kind: 'topic.restore', name: 't' })
    expect(world.store.find(topic?.id ?? '', 0)?.state).toBe('open')
    await world.stop()
  })

  it('has whoever follows topics called before the answer', async () => {
    const { world } = await worldWithOrders()
    let followed = 0
    const stop = world.control.onTopicsChanged(async () => {
      await Promise.resolve()
      followed++
    })
    await world.run({ kind: 'topic.delete', name: 'orders' })
    expect(followed).toBe(1)
    await world.run({ kind: 'topic.restore', name: 'orders' })
    expect(followed).toBe(2)
    await world.run({ kind: 'producer-ids.allocate' })
    expect(followed).toBe(2)
    stop()
    await world.run({ kind: 'topic.delete', name: 'orders' })
    expect(followed).toBe(2)
    await world.stop()
  })
})
