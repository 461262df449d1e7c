import { afterEach, beforeEach, expect, it } from 'vitest'
import { batchOf, spec, TOPIC_A } from '../contract.ts'
import { DEFAULT_LOG_STORE_LIMITS } from '../options.ts'
import { SimulatedLogStore } from '../testing.ts'

let world: SimulatedLogStore

beforeEach(async () => {
  world = await SimulatedLogStore.create()
})
afterEach(() => world.dispose())

it('finds by time what comes to a segment while it looks at the segments', async () => {
  await world.store.create([spec(TOPIC_A)])
  const log = world.store.find(TOPIC_A, 0)
  if (log === undefined) throw new Error('no log')
  const append = (timeMs: number) =>
    world.store.append([{ log, batch: batchOf(['x'], { timeMs }) }], { acks: 'durable' })
  await append(900)
  await append(100)
  await world.advance(30_000)
  expect(await world.store.trim(log, 1)).toBe(1)
  await append(500)
  // The segment promises a late record, but that lies below the log start: it has to be read.
  world.disk.plan = ({ kind }) => ({ kind: 'proceed', delayMs: kind === 'read' ? 60_000 : 0 })
  const found = world.store.findByTime(log, 400)
  await world.advance(50_000)
  expect(world.store.stats.hotWindow.unwrittenBytes).toBe(0)
  world.disk.plan = () => ({ kind: 'proceed' })
  await world.advance(100_000)
  expect(await found).toMatchObject({ offset: 2, timestampMs: 500 })
})

it('reads as many segments at a time as other reads do, however many lookups there are', async () => {
  const partitions = Array.from({ length: 20 }, (_, partition) => spec(TOPIC_A, partition))
  await world.store.create(partitions)
  const logs = partitions.map(({ partition }) => world.store.find(TOPIC_A, partition))
  const lookUp = (timeMs: number) =>
    logs.map((log) => (log ? world.store.findByTime(log, timeMs) : null))
  for (const log of logs) {
    if (!log) throw new Error('no log')
    await world.store.append([{ log, batch: batchOf(['x'], { timeMs: 500 }) }], { acks: 'durable' })
  }
  await world.advance(30_000)
  let reading = 0
  let most = 0
  world.disk.plan = ({ kind }) => {
    if (kind !== 'read') return { kind: 'proceed' }
    most = Math.max(most, ++reading)
    world.time.timers.after(1_000, () => reading--)
    return { kind: 'proceed', delayMs: 1_000 }
  }
  const found = Promise.all(lookUp(400))
  await world.advance(60_000)
  expect(await found).toEqual(logs.map(() => expect.objectContaining({ offset: 0 })))
  expect(most).toBe(DEFAULT_LOG_STORE_LIMITS.readLanes)
})
