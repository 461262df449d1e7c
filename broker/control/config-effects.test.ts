import { afterEach, describe, expect, it } from 'vitest'
import type { SimTime } from '../../kit/testing.ts'
import { encodeBatch } from '../../protocol/index.ts'
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
