import { expect, it } from 'vitest'
import { batchOf, CONFIG, describeLogStore, spec, TOPIC_A } from './contract.ts'
import { SimulatedLogStore } from './testing.ts'

describeLogStore('journal and segments on a simulated disk', () => SimulatedLogStore.create())

describeLogStore('the same where nothing is taken for cached', () =>
  SimulatedLogStore.create({ pageCacheBytes: 0 }),
)

it('reads as much as is asked for, also when that is more than one buffer takes', async () => {
  const world = await SimulatedLogStore.create()
  const config = { ...CONFIG, segmentBytes: 10_000_000 }
  await world.store.create([spec(TOPIC_A, 0, { config })])
  const log = world.store.find(TOPIC_A, 0)
  if (log === undefined) throw new Error('no such log')
  const batch = batchOf(['x'.repeat(90_000)])
  for (let i = 0; i < 40; i++) {
    const appended = world.store.append([{ log, batch }], { acks: 'durable' })
    await world.advance(60_000)
    expect(await appended).toMatchObject([{ kind: 'appended' }])
  }
  const limits = { maxBytes: 3_000_000, atLeastOne: true, isolation: 'uncommitted' } as const
  const result = await world.store.read([{ log, offset: 0, maxBytes: 3_000_000 }], limits)
  expect(result.sizeBytes).toBe(Math.floor(3_000_000 / batch.length) * batch.length)
  result.release()
  await world.dispose()
})
