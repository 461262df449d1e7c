import { afterEach, beforeEach, expect, it } from 'vitest'
import { batchOf, spec, TOPIC_A } from '../contract.ts'
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
