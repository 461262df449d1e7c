import { expect, it } from 'vitest'
import { createSimDisk, createSimTime } from '../../../kit/testing.ts'
import { SharedDirectories } from './shared-directories.ts'

async function world(plan: () => 'proceed' | 'error' = () => 'proceed') {
  const time = createSimTime()
  const disk = createSimDisk({ timers: time.timers })
  await disk.makeDirectory('/d')
  await disk.syncDirectory('/')
  let syncs = 0
  disk.plan = ({ kind }) => {
    if (kind !== 'syncDirectory') return { kind: 'proceed' }
    syncs++
    return plan() === 'error'
      ? { kind: 'error', code: 'EIO', delayMs: 10 }
      : { kind: 'proceed', delayMs: 10 }
  }
  return { time, disk, directories: new SharedDirectories(disk), syncs: () => syncs }
}

it('lets all that ask while a sync runs share the next one, and none the running one', async () => {
  const { time, disk, directories, syncs } = await world()
  const first = directories.sync('/d')
  await disk.open('/d/late', 'create')
  const later = Promise.all([
    directories.sync('/d'),
    directories.sync('/d'),
    directories.sync('/d'),
  ])
  await time.advance(10)
  await first
  expect(syncs()).toBe(2)
  await time.advance(10)
  await later
  expect(syncs()).toBe(2)

  expect(await disk.afterCrash({ kind: 'nothing' }).list('/d')).toEqual(['late'])
})

it('syncs anew for whoever asks when none runs', async () => {
  const { time, directories, syncs } = await world()
  for (let i = 1; i <= 3; i++) {
    const sync = directories.sync('/d')
    await time.advance(10)
    await sync
    expect(syncs()).toBe(i)
  }
})

it('fails those that wait behind a failed sync, too: what it lost may not come back', async () => {
  let isBroken = true
  const { time, directories, syncs } = await world(() => (isBroken ? 'error' : 'proceed'))
  const all = Promise.allSettled([directories.sync('/d'), directories.sync('/d')])
  await time.advance(20)
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(syncs()).toBe(1)
  isBroken = false
  const again = directories.sync('/d')
  await time.advance(10)
  await again
})
