import { describe, expect, it } from 'vitest'
import type { HistoryRecord } from '../../audit/index.ts'
import { HistoryError } from '../../audit/index.ts'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { encodeBatch } from '../../protocol/index.ts'
import { AUDIT_PARTITION, AUDIT_TOPIC } from './audit-topic.ts'
import { createBrokerConfig } from './broker-config.ts'
import { MAX_COMMANDS } from './call-runner.ts'
import type { Command } from './commands.ts'
import { createControlPlane } from './control-plane.ts'
import { replayHistory } from './fold/replay.ts'
import { resourceToJson } from './fold/resource-json.ts'
import { openLogHistory } from './log-history.ts'
import type { Topic } from './port.ts'
import { secretKeyFile } from './secrets/secret-key.ts'
import {
  alice,
  ControlWorld,
  createTopic,
  openTestStore,
  recordsOf,
  snapshotOf,
} from './testing.ts'

async function lastRecord(world: ControlWorld): Promise<HistoryRecord | undefined> {
  return (await recordsOf(world)).at(-1)
}

/** Puts records into the log of a partition, one batch each. */
async function produce(world: ControlWorld, topic: Topic, count: number): Promise<void> {
  const log = world.store.find(topic.id, 0)
  if (!log) throw new Error('the topic has no log')
  for (let index = 0; index < count; index++) {
    const batch = encodeBatch([{ timestampMs: 0, key: null, value: Buffer.from(`${index}`) }])
    const [result] = await world.store.append([{ log, batch }], { acks: 'durable' })
    expect(result?.kind).toBe('appended')
  }
}

/** Appends to the history of a stopped broker, as one that died right after its append. */
async function appendBehind(
  world: ControlWorld,
  content: (seq: number, last: HistoryRecord) => Partial<HistoryRecord>,
): Promise<void> {
  const last = await lastRecord(world)
  if (!last) throw new Error('an empty history')
  await world.stop()
  const store = await openTestStore(world.disk, createSimTime())
  const history = await openLogHistory(store)
  const seq = history.nextSeq
  const record = { ...last, id: `id-${seq}`, seq, ...content(seq, last) }
  expect(await history.append([record])).toEqual({ kind: 'appended' })
  await store.close()
}

describe('the first start', () => {
  it('begins the history with the id of the cluster', async () => {
    const world = await ControlWorld.open()
    const [first, ...rest] = await recordsOf(world)
    expect(rest).toEqual([])
    expect(first).toMatchObject({
      seq: 0,
      operation: 'cluster.create',
      actor: { principal: 'System:broker' },
      door: 'system',
      after: { clusterId: world.control.state.clusterId },
    })
    expect([...world.control.state.topics.keys()]).toEqual(['__audit', '__events'])
    const restarted = await world.restart()
    expect(restarted.control.state.clusterId).toBe(world.control.state.clusterId)
    await restarted.stop()
  })
})

describe('a command', () => {
  it('is recorded with who asked, applied, and carried out', async () => {
    const world = await ControlWorld.open()
    const outcome = await world.run(createTopic('orders', { partitionCount: 2 }))
    const topic = world.control.state.topics.get('orders')
    expect(outcome).toEqual({ error: 'NONE', message: null, seq: 1, after: topic })
    expect(world.control.state.seq).toBe(1)
    expect(await lastRecord(world)).toMatchObject({
      seq: 1,
      operation: 'topic.create',
      actor: { principal: 'User:alice', mechanism: 'none' },
      source: { ip: '127.0.0.1', listener: 'PLAINTEXT', clientId: 'admin-1' },
      door: 'kafka',
      resource: { kind: 'topic', name: 'orders', id: topic?.id },
      before: null,
      after: topic,
      recordedAt: '2024-01-01T00:00:00.000Z',
    })
    expect(world.store.find(topic?.id ?? '', 0)?.state).toBe('open')
    expect(world.store.find(topic?.id ?? '', 1)?.state).toBe('open')
    await world.stop()
  })

  it('that is refused is recorded too, and changes nothing', async () => {
    const world = await ControlWorld.open()
    const before = snapshotOf(world.control.state)
    const outcome = await world.run(createTopic('a b'))
    expect(outcome).toMatchObject({ error: 'INVALID_TOPIC_EXCEPTION', seq: 1, after: null })
    expect(await lastRecord(world)).toMatchObject({
      operation: 'topic.create',
      outcome: { code: 'INVALID_TOPIC_EXCEPTION', message: outcome.message },
      after: null,
    })
    expect(snapshotOf(world.control.state)).toEqual({ ...(before as object), seq: 1 })
    await world.stop()
  })

  it('that is only validated leaves no trace', async () => {
    const world = await ControlWorld.open()
    const commands = [createTopic('orders'), createTopic('orders'), createTopic('a b')]
    const outcomes = await world.control.execute(commands, alice, { validateOnly: true })
    expect(outcomes).toMatchObject([
      { error: 'NONE', seq: -1, after: { name: 'orders' } },
      { error: 'TOPIC_ALREADY_EXISTS', seq: -1 },
      { error: 'INVALID_TOPIC_EXCEPTION', seq: -1 },
    ])
    expect(world.control.state.topics.size).toBe(2)
    expect(world.control.history.nextSeq).toBe(1)
    await world.stop()
  })

  it('on the broker itself is recorded only when it creates something', async () => {
    const world = await ControlWorld.open()
    const orders = createTopic('orders', { automatic: true })
    expect(await world.run(orders)).toMatchObject({ error: 'NONE', seq: 1 })
    expect(await world.run(orders)).toMatchObject({
      error: 'NONE',
      seq: -1,
      after: world.control.state.topics.get('orders'),
    })
    const odd = createTopic('a b', { automatic: true })
    expect(await world.run(odd)).toMatchObject({ error: 'INVALID_TOPIC_EXCEPTION', seq: -1 })
    expect(world.control.history.nextSeq).toBe(2)
    await world.stop()
  })
})

describe('a call of several commands', () => {
  it('has one request id, and each command sees those before it', async () => {
    const world = await ControlWorld.open()
    const outcomes = await world.control.execute(
      [createTopic('orders'), createTopic('orders'), { kind: 'topic.delete', name: 'orders' }],
      alice,
    )
    expect(outcomes.map(({ error, seq }) => [error, seq])).toEqual([
      ['NONE', 1],
      ['TOPIC_ALREADY_EXISTS', 2],
      ['NONE', 3],
    ])
    const [, ...records] = await recordsOf(world)
    expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(1)
    expect(new Set(records.map(({ id }) => id)).size).toBe(3)
    expect(world.control.state.topics.has('orders')).toBe(false)
    // It can be restored, so it has its log, as it would have after a restart.
    expect([...world.store.logs()].map(({ topicName }) => topicName)).toEqual([
      '__audit',
      '__secrets',
      '__events',
      'orders',
    ])
    await world.stop()
  })

  it('takes effect after the calls before it, in their order', async () => {
    const world = await ControlWorld.open()
    const names = ['a', 'b', 'c', 'd']
    const outcomes = await Promise.all(names.map((name) => world.run(createTopic(name))))
    expect(outcomes.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    await world.stop()
  })

  it('of too many commands is refused as a whole, with one record', async () => {
    const world = await ControlWorld.open()
    const commands = Array.from({ length: MAX_COMMANDS + 1 }, (_, index) =>
      createTopic(`t${index}`),
    )
    const outcomes = await world.control.execute(commands, alice)
    expect(new Set(outcomes.map(({ error }) => error))).toEqual(new Set(['POLICY_VIOLATION']))
    expect(world.control.history.nextSeq).toBe(2)
    expect(world.control.state.topics.size).toBe(2)
    await world.stop()
  })

  it('tells listeners of each record, in order, until they stop', async () => {
    const world = await ControlWorld.open()
    const seen: number[] = []
    const stop = world.control.onApplied(({ seq }) => seen.push(seq))
    await world.control.execute([createTopic('a'), createTopic('b')], alice)
    stop()
    await world.run(createTopic('c'))
    expect(seen).toEqual([1, 2])
    await world.stop()
  })
})

describe('the history', () => {
  it('gives the state as it was after any of its records', async () => {
    const world = await ControlWorld.open()
    const states = [snapshotOf(world.control.state)]
    world.control.onApplied((state) => states.push(snapshotOf(state)))
    await world.control.execute([createTopic('a'), createTopic('b'), createTopic('b')], alice)
    await world.run({ kind: 'producer-ids.allocate' })
    await world.run({ kind: 'topic.delete', name: 'a' })
    await world.run(createTopic('a'))
    expect(states).toHaveLength(world.control.history.nextSeq)
    for (const [seq, state] of states.entries()) {
      const asOf = await replayHistory(world.control.history, seq + 1)
      expect(snapshotOf(asOf.state)).toEqual(state)
    }
    await world.stop()
  })
})

describe('what the storage engine does', () => {
  it('follows the configuration of a topic, and of the broker', async () => {
    const world = await ControlWorld.open()
    const { after: topic } = await world.run(createTopic('orders'))
    const retention = (): number | undefined =>
      world.store.find(topic?.id ?? '', 0)?.config.retentionMs
    expect(retention()).toBe(604_800_000)
    await world.run({
      kind: 'broker.config.alter',
      brokerId: '',
      mode: 'incremental',
      changes: [{ op: 'set', name: 'log.retention.ms', value: '70' }],
    })
    expect(retention()).toBe(70)
    expect(world.control.topicConfig('orders').log.retentionMs).toBe(70)
    expect(world.control.topicConfig('not there').log.retentionMs).toBe(70)
    await world.run({
      kind: 'topic.config.alter',
      name: 'orders',
      mode: 'incremental',
      changes: [{ op: 'set', name: 'retention.ms', value: '7' }],
    })
    expect(retention()).toBe(7)
    expect(world.store.find(AUDIT_TOPIC.id, 0)?.config).toEqual(AUDIT_PARTITION.config)
    const restarted = await world.restart()
    expect(restarted.store.find(topic?.id ?? '', 0)?.config.retentionMs).toBe(7)
    expect(restarted.control.config.values.logRetentionMs).toBe(70)
    await restarted.stop()
  })

  it('follows new partitions and purges', async () => {
    const world = await ControlWorld.open()
    const { after: topic } = await world.run(createTopic('orders'))
    const id = topic?.id ?? ''
    const grow: Command = {
      ...{ kind: 'topic.partitions.create', name: 'orders', totalCount: 3 },
      assignments: null,
    }
    await world.run(grow)
    expect(world.store.find(id, 2)?.state).toBe('open')
    await world.run({ kind: 'topic.delete', id, purgeNow: true })
    expect([0, 1, 2].map((partition) => world.store.find(id, partition))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    await world.stop()
  })

  it('deletes records between the record of the intent and that of the outcome', async () => {
    const world = await ControlWorld.open()
    const { after: topic } = await world.run(createTopic('orders'))
    if (!topic) throw new Error('not created')
    await produce(world, topic, 5)
    const outcome = await world.run({
      ...{ kind: 'records.delete', topic: 'orders', partition: 0, offset: 3 },
    })
    expect(outcome).toEqual({ error: 'NONE', message: null, seq: 2, after: { logStartOffset: 3 } })
    expect(world.store.find(topic.id, 0)?.logStartOffset).toBe(3)
    const [, , intent, done] = await recordsOf(world)
    expect(intent).toMatchObject({
      operation: 'records.delete',
      after: { phase: 'intent', intent: 2, offset: 3 },
    })
    expect(done).toMatchObject({
      operation: 'records.delete',
      requestId: intent?.requestId,
      after: { phase: 'done', intent: 2, logStartOffset: 3 },
      causes: [2],
    })
    expect(world.control.state.openPurges.size).toBe(0)
    await world.stop()
  })

  it('gives producer ids out once, whatever happens in between', async () => {
    let world = await ControlWorld.open()
    const firsts: (bigint | undefined)[] = []
    for (let start = 0; start < 3; start++) {
      const { after } = await world.run({ kind: 'producer-ids.allocate' })
      firsts.push(after?.firstProducerId)
      world = await world.restart({ seed: start })
    }
    expect(firsts).toEqual([0n, 1000n, 2000n])
    await world.stop()
  })
})

describe('a start after a crash', () => {
  it('creates the logs that a crash left uncreated', async () => {
    const world = await ControlWorld.open()
    await world.run(createTopic('orders'))
    const later = {
      id: 'AAAAAAAAAAAAAAAAAAAAZg',
      name: 'later',
      partitionCount: 2,
      internal: false,
    }
    const topic: Topic = { ...later, configs: {}, createdAtMs: 0 }
    await appendBehind(world, () => ({
      resource: { kind: 'topic', name: topic.name, id: topic.id },
      after: resourceToJson(topic),
    }))
    const next = await ControlWorld.open({ disk: world.disk })
    expect(next.control.state.topics.get('later')).toEqual(topic)
    expect(next.store.find(topic.id, 1)?.state).toBe('open')
    await next.stop()
  })

  it('drops the logs that a crash left undropped', async () => {
    const world = await ControlWorld.open()
    const { after: topic } = await world.run(createTopic('orders'))
    if (!topic) throw new Error('not created')
    await produce(world, topic, 3)
    await appendBehind(world, () => ({
      operation: 'topic.delete',
      before: resourceToJson(topic),
      after: null,
    }))
    const next = await ControlWorld.open({ disk: world.disk })
    expect(next.control.state.topics.has('orders')).toBe(false)
    expect([...next.store.logs()].map(({ topicName }) => topicName)).toEqual([
      '__audit',
      '__secrets',
      '__events',
    ])
    await next.stop()
  })

  it('finishes the deletion of records that was intended', async () => {
    const world = await ControlWorld.open()
    const { after: topic } = await world.run(createTopic('orders'))
    if (!topic) throw new Error('not created')
    await produce(world, topic, 5)
    await appendBehind(world, (intent) => ({
      operation: 'records.delete',
      resource: { kind: 'records', name: 'orders-0', id: topic.id },
      before: null,
      after: { phase: 'intent', intent, topicId: topic.id, partition: 0, offset: 4 },
    }))
    const next = await ControlWorld.open({ disk: world.disk })
    expect(next.store.find(topic.id, 0)?.logStartOffset).toBe(4)
    expect(next.control.state.openPurges.size).toBe(0)
    expect(await lastRecord(next)).toMatchObject({
      actor: { principal: 'System:broker' },
      after: { phase: 'done', intent: 2, logStartOffset: 4 },
      causes: [2],
    })
    await next.stop()
  })

  it('says so when what was to be deleted from is gone', async () => {
    const world = await ControlWorld.open()
    await appendBehind(world, (intent) => ({
      operation: 'records.delete',
      resource: { kind: 'records', name: 'gone-0', id: 'AAAAAAAAAAAAAAAAAAAAZg' },
      after: {
        phase: 'intent',
        intent,
        topicId: 'AAAAAAAAAAAAAAAAAAAAZg',
        partition: 0,
        offset: 4,
      },
    }))
    const next = await ControlWorld.open({ disk: world.disk })
    expect(await lastRecord(next)).toMatchObject({
      outcome: { code: 'UNKNOWN_TOPIC_OR_PARTITION' },
      after: { phase: 'failed', intent: 1 },
    })
    expect(next.control.state.openPurges.size).toBe(0)
    await next.stop()
  })

  it('sets logs aside that the history does not know, and deletes none of them', async () => {
    const world = await ControlWorld.open()
    const topicId = 'AAAAAAAAAAAAAAAAAAAAZg'
    const stranger = { ...AUDIT_PARTITION, topicId, topicName: 'stranger', internal: false }
    await world.store.create([stranger])
    await produce(world, { ...AUDIT_TOPIC, id: topicId, createdAtMs: 0 }, 3)
    await world.stop()
    const next = await ControlWorld.open({ disk: world.disk })
    expect(next.store.find(topicId, 0)).toBeUndefined()
    expect([...next.store.unclaimed()]).toEqual([])
    const kept = await next.disk.list('/data/quarantine')
    expect(kept.filter((name) => name.includes(topicId))).toHaveLength(1)
    await next.stop()
  })

  it('refuses a history that a newer program wrote', async () => {
    const world = await ControlWorld.open()
    await appendBehind(world, () => ({ schema: 2 }))
    await expect(ControlWorld.open({ disk: world.disk })).rejects.toThrow(HistoryError)
  })

  it('refuses a history about things that it does not know', async () => {
    const world = await ControlWorld.open()
    await appendBehind(world, () => ({ resource: { kind: 'spaceship', name: 's', id: null } }))
    await expect(ControlWorld.open({ disk: world.disk })).rejects.toThrow('"spaceship"')
  })
})

describe('a history that cannot be written', () => {
  it('refuses what would have to be recorded, and changes nothing', async () => {
    const time = createSimTime()
    const disk = createSimDisk({ timers: time.timers })
    const world = await ControlWorld.open({ disk })
    await world.run(createTopic('orders'))
    const before = snapshotOf(world.control.state)
    disk.plan = ({ kind }) =>
      kind === 'write' ? { kind: 'error', code: 'EIO' } : { kind: 'proceed' }
    const commands = [createTopic('more'), createTopic('a b')]
    const outcomes = await world.control.execute(commands, alice)
    expect(outcomes).toMatchObject([
      { error: 'KAFKA_STORAGE_ERROR', seq: -1, after: null },
      { error: 'INVALID_TOPIC_EXCEPTION', seq: -1, after: null },
    ])
    expect(snapshotOf(world.control.state)).toEqual(before)
    expect(await world.run(createTopic('again'))).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' })
    await world.control.stop()
  })

  it('still answers what is only validated', async () => {
    const world = await ControlWorld.open()
    await world.store.close()
    const [outcome] = await world.control.execute([createTopic('orders')], alice, {
      validateOnly: true,
    })
    expect(outcome?.error).toBe('NONE')
    expect(await world.run(createTopic('orders'))).toMatchObject({
      error: 'KAFKA_STORAGE_ERROR',
      message: 'the history cannot be written: stopping',
    })
  })
})

describe('a disk that is full', () => {
  it('refuses produce, and still deletes topics, with a record', async () => {
    const world = await ControlWorld.open()
    const { after: topic } = await world.run(createTopic('orders'))
    if (!topic) throw new Error('not created')
    const log = world.store.find(topic.id, 0)
    if (!log) throw new Error('no log')
    const { totalBytes, freeBytes } = await world.disk.space('/data')
    world.disk.capacityBytes = totalBytes - freeBytes
    await world.time.advance(60_000)
    const batch = encodeBatch([{ timestampMs: 0, key: null, value: null }])
    const [refused] = await world.store.append([{ log, batch }], { acks: 'durable' })
    expect(refused).toEqual({ kind: 'failed', reason: 'disk-full' })

    const { seq } = world.control.state
    const outcome = await world.run({ kind: 'topic.delete', name: 'orders' })
    expect(outcome).toMatchObject({ error: 'NONE', seq: seq + 1 })
    expect(world.store.find(topic.id, 0)).toBeUndefined()
    world.disk.capacityBytes = totalBytes
    await world.stop()
  })
})

describe('a control plane that was stopped', () => {
  it('refuses more calls and has no timers left', async () => {
    const world = await ControlWorld.open()
    const running = world.run(createTopic('orders'))
    await world.control.stop()
    expect(await running).toMatchObject({ error: 'NONE' })
    expect(await world.run(createTopic('more'))).toMatchObject({
      error: 'KAFKA_STORAGE_ERROR',
      message: 'the broker is stopping',
    })
    await world.store.close()
    expect(world.time.pendingTimers).toBe(0)
  })
})

describe('opening', () => {
  it('begins no second history when the first one cannot be used', async () => {
    const time = createSimTime()
    const store = await openTestStore(createSimDisk({ timers: time.timers }), time)
    await store.create([AUDIT_PARTITION])
    const log = store.find(AUDIT_TOPIC.id, 0)
    if (!log) throw new Error('not created')
    const batch = encodeBatch([{ timestampMs: 0, key: null, value: Buffer.from('{') }])
    await store.append([{ log, batch }], { acks: 'durable' })
    const open = createControlPlane({
      log: store,
      config: createBrokerConfig({ overrides: {} }),
      nodeId: 1,
      secretKey: secretKeyFile(createSimDisk(), '/secrets.key', seededRandom(2)),
      clock: time.clock,
      timers: time.timers,
      random: seededRandom(1),
      logger: silentLogger,
    })
    await expect(open).rejects.toThrow(HistoryError)
    expect(log.endOffset).toBe(1)
    await store.close()
  })
})

describe('the queue of calls', () => {
  it('is bounded', async () => {
    const world = await ControlWorld.open()
    const check: Command = { kind: 'topic.delete', name: 'nobody' }
    const outcomes = await Promise.all(
      Array.from({ length: 10_001 }, () =>
        world.control.execute([check], alice, { validateOnly: true }),
      ),
    )
    const errors = outcomes.map(([outcome]) => outcome?.error)
    expect(new Set(errors.slice(0, 10_000))).toEqual(new Set(['UNKNOWN_TOPIC_OR_PARTITION']))
    expect(errors[10_000]).toBe('REQUEST_TIMED_OUT')
    await world.stop()
  })
})
