import { expect, it } from 'vitest'
import { batchOf, CONFIG, spec, TOPIC_A } from './contract.ts'
import { SimulatedLogStore } from './testing.ts'

it('takes a limit of the disk as its end, and goes on once there is room', async () => {
  const world = await SimulatedLogStore.create()
  await world.store.create([spec(TOPIC_A, 0, { config: CONFIG })])
  const log = world.store.find(TOPIC_A, 0)
  if (!log) throw new Error('no such log')
  await world.advance(60_000)
  const { usedBytes, freeBytes, floorBytes } = world.store.diskSpace
  expect(freeBytes).toBeGreaterThan(0)

  const limitBytes = usedBytes + floorBytes * 2 + 50_000
  world.store.limitDisk(limitBytes)
  expect(world.store.diskState).toBe('ok')
  const batch = batchOf(['x'.repeat(10_000)])
  const append = async () => {
    const appended = world.store.append([{ log, batch }], { acks: 'durable' })
    await world.advance(60_000)
    return (await appended)[0]?.kind
  }
  const kinds: unknown[] = []
  while (kinds.at(-1) !== 'disk-full' && kinds.length < 1000) kinds.push(await append())
  expect(world.store.diskState).toBe('full')
  expect(world.store.diskSpace.usedBytes).toBeLessThanOrEqual(limitBytes)
  expect(kinds.length).toBeGreaterThan(4)

  world.store.limitDisk(null)
  expect(world.store.diskState).toBe('ok')
  expect(await append()).toBe('appended')
  await world.dispose()
})

it('gives back files of the journal that are idle when the disk is full', async () => {
  const limits = { flushIntervalMs: 100, checkpointIntervalMs: 1_000 }
  const world = await SimulatedLogStore.create({ limits })
  await world.store.create([spec(TOPIC_A, 0, { config: CONFIG })])
  const log = world.store.find(TOPIC_A, 0)
  if (!log) throw new Error('no such log')
  // Checkpoints wait for a slow disk, so that the journal needs more files.
  world.disk.plan = ({ kind, path }) =>
    kind === 'sync' && path.endsWith('.log')
      ? { kind: 'proceed', delayMs: 5_000 }
      : { kind: 'proceed' }
  const batch = batchOf(['x'.repeat(10_000)])
  for (let count = 0; count < 40; count++) {
    void world.store.append([{ log, batch }], { acks: 'durable' })
    await world.advance(100)
  }
  world.disk.plan = () => ({ kind: 'proceed' })
  await world.advance(60_000)
  const { filesInUse, filesFree } = world.store.stats.journal
  expect(filesFree).toBeGreaterThan(2)
  world.store.limitDisk(1)
  expect(world.store.diskState).toBe('full')
  await world.advance(1_000)
  expect(world.store.stats.journal).toMatchObject({ filesInUse, filesFree: 2 })
  expect(await world.disk.list('/data/journal')).toHaveLength(filesInUse + 2)
  world.store.limitDisk(null)
  const appended = world.store.append([{ log, batch }], { acks: 'durable' })
  await world.advance(60_000)
  expect(await appended).toMatchObject([{ kind: 'appended' }])
  await world.dispose()
})

it('makes do with the files that the journal has when the disk has no room for more', async () => {
  const limits = { journalMaxFiles: 32, hotWindowBytes: 4 * 1024 * 1024 }
  const world = await SimulatedLogStore.create({ limits })
  await world.store.create([spec(TOPIC_A, 0, { config: CONFIG })])
  const log = world.store.find(TOPIC_A, 0)
  if (!log) throw new Error('no such log')
  let made = 0
  world.disk.plan = ({ kind, path }) =>
    kind === 'create' && path.endsWith('.journal') && ++made > 3
      ? { kind: 'error', code: 'ENOSPC' }
      : { kind: 'proceed' }
  const batch = batchOf(['x'.repeat(10_000)])
  let appended = 0
  for (let count = 0; count < 200; count++) {
    const append = world.store.append([{ log, batch }], { acks: 'durable' })
    void append.then(([result]) => {
      if (result?.kind === 'appended') appended++
    })
  }
  // Less than the time between two checkpoints, and than that until a batch goes to its segment.
  await world.advance(8_000)
  expect(appended).toBe(200)
  await world.dispose()
})
