import { afterEach, describe, expect, it } from 'vitest'
import type { SimTime } from '../../kit/testing.ts'
import { batchesIn, batchHeader, decodeRecords, encodeBatch } from '../../protocol/index.ts'
import type { PartitionLog } from '../log/index.ts'
import { ControlWorld, createTopic } from './testing.ts'

/** That configurations of topics reach the storage engine under their names, and what they do there. */

let world: ControlWorld | undefined
afterEach(async () => {
  await world?.stop()
  world = undefined
})

const MIB = 1024 * 1024
const MINUTE_MS = 60_000

async function open(
  configs: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>> = {},
): Promise<{ readonly world: ControlWorld; readonly log: PartitionLog }> {
  const opened = await ControlWorld.open({ overrides })
  world = opened
  const { after } = await opened.run(
    createTopic('t', {
      configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
    }),
  )
  const log = opened.store.find(after?.id ?? '', 0)
  if (!log) throw new Error('the topic was not created')
  return { world: opened, log }
}

/** Appends records of the present, of about that size together, and lets them go to their segment. */
async function fill({ store, time }: ControlWorld, log: PartitionLog, sizeBytes: number) {
  const value = Buffer.alloc(100_000, 'x')
  for (let left = sizeBytes; left > 0; left -= value.length) {
    const batch = encodeBatch([{ timestampMs: time.clock.now(), key: null, value }])
    const [result] = await whileTimePasses(
      time,
      store.append([{ log, batch }], { acks: 'durable' }),
    )
    expect(result?.kind).toBe('appended')
  }
  await time.advance(30_000)
}

describe('retention', () => {
  it('retention.ms keeps records for so long', async () => {
    const kept = await open({ 'retention.ms': String(20 * MINUTE_MS), 'segment.ms': '1000' })
    await fill(kept.world, kept.log, 1)
    await fill(kept.world, kept.log, 1)
    await kept.world.time.advance(15 * MINUTE_MS)
    expect(kept.log.logStartOffset).toBe(0)
    await kept.world.time.advance(10 * MINUTE_MS)
    expect(kept.log.logStartOffset).toBe(2)
  })

  it('retention.bytes keeps so much', async () => {
    const { world, log } = await open({
      'retention.bytes': String(2 * MIB),
      'segment.bytes': String(MIB),
    })
    await fill(world, log, 5 * MIB)
    await world.time.advance(10 * MINUTE_MS)
    expect(log.logStartOffset).toBeGreaterThan(0)
    expect(log.sizeBytes).toBeGreaterThanOrEqual(2 * MIB)
    expect(log.sizeBytes).toBeLessThan(3 * MIB + 200_000)
  })

  it('log.retention.check.interval.ms says how often', async () => {
    const often = { 'log.retention.check.interval.ms': '1000' }
    const { world, log } = await open({ 'retention.ms': '5000', 'segment.ms': '1000' }, often)
    await fill(world, log, 1)
    expect(log.logStartOffset).toBe(1)
  })

  it('cleanup.policy=compact leaves old records alone', async () => {
    const { world, log } = await open({
      'cleanup.policy': 'compact',
      'retention.ms': '1000',
      'segment.ms': '1000',
    })
    await fill(world, log, 1)
    await world.time.advance(10 * MINUTE_MS)
    expect(log.logStartOffset).toBe(0)
  })
})

/** The engine may have to make room first, which takes timers. */
async function whileTimePasses<Result>(time: SimTime, work: Promise<Result>): Promise<Result> {
  let isDone = false
  const watched = work.finally(() => {
    isDone = true
  })
  while (!isDone) await time.advance(10)
  return watched
}

async function segmentsOf({ disk }: ControlWorld, log: PartitionLog): Promise<number> {
  const names = await disk.list(`/data/topics/${log.topicId}/${log.partition}`)
  return names.filter((name) => name.endsWith('.log')).length
}

describe('segments', () => {
  it('segment.bytes closes them by size', async () => {
    const { world, log } = await open({ 'segment.bytes': String(MIB) })
    await fill(world, log, 3 * MIB)
    expect(await segmentsOf(world, log)).toBe(4)
  })

  it('segment.ms closes them by age', async () => {
    const { world, log } = await open({ 'segment.ms': String(5 * MINUTE_MS) })
    await fill(world, log, 1)
    await fill(world, log, 1)
    expect(await segmentsOf(world, log)).toBe(1)
    await world.time.advance(5 * MINUTE_MS)
    await fill(world, log, 1)
    expect(await segmentsOf(world, log)).toBe(2)
  })
})

describe('durability', () => {
  /** The high watermark after an append whose bytes are written but not yet on the disk. */
  async function watermarkBeforeSync(durability: string): Promise<number> {
    const { world, log } = await open({ 'glasslog.durability': durability })
    world.disk.plan = ({ kind }) =>
      kind === 'sync' ? { kind: 'proceed', delayMs: 10_000 } : { kind: 'proceed' }
    const batch = encodeBatch([{ timestampMs: 0, key: null, value: null }])
    await whileTimePasses(world.time, world.store.append([{ log, batch }], { acks: 'written' }))
    const before = log.highWatermark
    await world.time.advance(20_000)
    expect(log.highWatermark).toBe(1)
    world.disk.plan = () => ({ kind: 'proceed' })
    return before
  }

  it('glasslog.durability=disk shows a record once it is on the disk', async () => {
    expect(await watermarkBeforeSync('disk')).toBe(0)
  })

  it('glasslog.durability=os shows it once it is written', async () => {
    expect(await watermarkBeforeSync('os')).toBe(1)
  })
})

describe('timestamps and producers', () => {
  it.each([
    ['CreateTime', -1],
    ['LogAppendTime', Date.UTC(2024, 0, 1)],
  ])('message.timestamp.type=%s answers the time %d', async (type, logAppendTimeMs) => {
    const { world, log } = await open({ 'message.timestamp.type': type })
    const batch = encodeBatch([{ timestampMs: 5, key: null, value: null }])
    const [result] = await world.store.append([{ log, batch }], { acks: 'durable' })
    expect(result).toMatchObject({ kind: 'appended', logAppendTimeMs })
  })

  it('producer.id.expiration.ms forgets producers that are silent for so long', async () => {
    const { world, log } = await open({}, { 'producer.id.expiration.ms': String(30 * MINUTE_MS) })
    const producer = { id: 7n, epoch: 0, baseSequence: 0 }
    const timestampMs = world.time.clock.now()
    const batch = encodeBatch([{ timestampMs, key: null, value: null }], { producer })
    await world.store.append([{ log, batch }], { acks: 'durable' })
    await world.time.advance(25 * MINUTE_MS)
    expect(world.store.producers(log)).toHaveLength(1)
    await world.time.advance(20 * MINUTE_MS)
    expect(world.store.producers(log)).toHaveLength(0)
  })
})

describe('compaction', () => {
  const compact = {
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': '0',
    'segment.ms': '1000',
  }

  /** Appends one record of a key, and lets its segment close. */
  async function put(
    { store, time }: ControlWorld,
    log: PartitionLog,
    key: string,
    value: string | null,
  ): Promise<void> {
    const bytes = value === null ? null : Buffer.from(value)
    const record = { timestampMs: time.clock.now(), key: Buffer.from(key), value: bytes }
    await whileTimePasses(
      time,
      store.append([{ log, batch: encodeBatch([record]) }], { acks: 'durable' }),
    )
    await time.advance(15_000)
  }

  async function offsetsIn({ store }: ControlWorld, log: PartitionLog): Promise<number[]> {
    const limits = { maxBytes: MIB, atLeastOne: true, isolation: 'uncommitted' } as const
    const offsets: number[] = []
    for (let offset = log.logStartOffset; offset < log.highWatermark; ) {
      const result = await store.read([{ log, offset, maxBytes: MIB }], limits)
      const [read] = result.partitions
      if (read?.kind !== 'records') throw new Error(`unreadable: ${read?.kind}`)
      for (const piece of read.pieces) {
        for (const batch of batchesIn(piece)) {
          for (const record of decodeRecords(batch)) {
            if (record.offset >= offset) offsets.push(record.offset)
          }
          offset = batchHeader.lastOffset(batch) + 1
        }
      }
      result.release()
    }
    return offsets
  }

  it('cleanup.policy=compact keeps the latest record of each key', async () => {
    const { world, log } = await open(compact)
    for (const value of ['1', '2', '3', '4']) await put(world, log, 'k', value)
    await world.time.advance(2 * MINUTE_MS)
    expect(await offsetsIn(world, log)).toEqual([2, 3])
  })

  it('min.cleanable.dirty.ratio waits until so much is new', async () => {
    const { world, log } = await open({ ...compact, 'min.cleanable.dirty.ratio': '1' })
    for (const value of ['1', '2', '3', '4']) await put(world, log, 'k', value)
    await world.time.advance(2 * MINUTE_MS)
    expect(await offsetsIn(world, log)).toEqual([0, 1, 2, 3])
    await world.run({
      kind: 'topic.config.alter',
      name: 't',
      mode: 'incremental',
      changes: [{ op: 'set', name: 'min.cleanable.dirty.ratio', value: '0.9' }],
    })
    await world.time.advance(2 * MINUTE_MS)
    expect(await offsetsIn(world, log)).toEqual([2, 3])
  })

  it('min.compaction.lag.ms leaves recent records alone', async () => {
    const { world, log } = await open({
      ...compact,
      'min.compaction.lag.ms': String(10 * MINUTE_MS),
    })
    for (const value of ['1', '2', '3', '4']) await put(world, log, 'k', value)
    await world.time.advance(2 * MINUTE_MS)
    expect(await offsetsIn(world, log)).toEqual([0, 1, 2, 3])
    await world.time.advance(10 * MINUTE_MS)
    expect(await offsetsIn(world, log)).toEqual([2, 3])
  })

  it('max.compaction.lag.ms does not wait for the ratio', async () => {
    const { world, log } = await open({
      ...compact,
      'min.cleanable.dirty.ratio': '1',
      'max.compaction.lag.ms': String(5 * MINUTE_MS),
    })
    for (const value of ['1', '2', '3', '4']) await put(world, log, 'k', value)
    expect(await offsetsIn(world, log)).toEqual([0, 1, 2, 3])
    await world.time.advance(10 * MINUTE_MS)
    expect(await offsetsIn(world, log)).toEqual([2, 3])
  })

  it('delete.retention.ms keeps the marks of deleted keys for so long', async () => {
    const { world, log } = await open({ ...compact, 'delete.retention.ms': String(10 * MINUTE_MS) })
    for (const [key, value] of [
      ['k', '1'],
      ['k', null],
      ['other', '1'],
      ['other', '2'],
    ] as const) {
      await put(world, log, key, value)
    }
    await world.time.advance(2 * MINUTE_MS)
    expect(await offsetsIn(world, log)).toEqual([1, 2, 3])
    await world.time.advance(15 * MINUTE_MS)
    await put(world, log, 'other', '3')
    await put(world, log, 'other', '4')
    await world.time.advance(2 * MINUTE_MS)
    expect(await offsetsIn(world, log)).toEqual([4, 5])
  })
})
