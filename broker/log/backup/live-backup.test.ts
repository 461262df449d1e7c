import { expect, it } from 'vitest'
import { batchOf, CONFIG, spec, TOPIC_A } from '../contract.ts'
import type { PartitionLog } from '../port.ts'
import { SimulatedLogStore } from '../testing.ts'
import { BackupError } from './live-backup.ts'

const BATCH = batchOf(['x'.repeat(1_000)])

async function withRecords(): Promise<SimulatedLogStore> {
  const world = await SimulatedLogStore.create()
  const options = { config: CONFIG }
  await world.store.create([spec(TOPIC_A, 0, options), spec(TOPIC_A, 1, options)])
  const log = world.store.find(TOPIC_A, 0)
  if (!log) throw new Error('no such log')
  await append(world, log, 5)
  return world
}

async function append(world: SimulatedLogStore, log: PartitionLog, count: number): Promise<void> {
  for (let done = 0; done < count; done++) {
    const appended = world.store.append([{ log, batch: BATCH }], { acks: 'durable' })
    await world.advance(1)
    await appended
  }
}

it('that begins while the store closes holds nothing afterwards', async () => {
  const world = await withRecords()
  await world.advance(1_000)
  const begun = world.store.beginBackup()
  const closed = world.store.close()
  await world.advance(20_000)
  await closed
  const backup = await begun
  expect(backup.failure).toBe('the broker stops')
  await expect(backup.cut()).rejects.toThrow(BackupError)
  expect(world.time.pendingTimers).toBe(0)
})

it('is of a checkpoint that was written once its files were held', async () => {
  const world = await withRecords()
  await world.advance(12_000)
  const other = world.store.find(TOPIC_A, 1)
  if (!other) throw new Error('no such log')
  await append(world, other, 1)
  await world.advance(9_000)
  // One segment is being synced for the checkpoint when the write to another one fails: it is given up.
  let failures = 0
  world.disk.plan = ({ kind, path }) => {
    if (kind === 'sync' && path.includes('/0/')) return { kind: 'proceed', delayMs: 3_000 }
    if (kind !== 'write' || !path.includes('/1/') || failures++ > 0) return { kind: 'proceed' }
    return { kind: 'error', code: 'EIO' }
  }
  const { checkpointCount } = world.store.stats
  const begun = world.store.beginBackup()
  await world.advance(10_000)
  const backup = await begun
  expect(failures).toBeGreaterThan(1)
  expect(world.store.stats.checkpointCount).toBe(checkpointCount + 1)
  await backup.release()
  await world.dispose()
})
