import { expect, it } from 'vitest'
import { ControlWorld, recordsOf } from '../testing.ts'

/** A backup is two records, one at a time; a restore is told by the broker alone. */

const begin = (backupId: string) => ({ kind: 'backup.create', backupId, phase: 'running' }) as const

it('one backup at a time begins and ends', async () => {
  const world = await ControlWorld.open()
  expect(await world.run(begin('one'))).toMatchObject({ error: 'NONE' })
  expect(world.control.state.runningBackup).toBe('one')
  expect(await world.run(begin('two'))).toMatchObject({ error: 'DUPLICATE_RESOURCE' })
  const content = { files: 3, sizeBytes: 5, historySize: 2, manifest: 'f'.repeat(64) }
  const other = { kind: 'backup.create', backupId: 'two', phase: 'done', content } as const
  expect(await world.run(other)).toMatchObject({ error: 'RESOURCE_NOT_FOUND' })
  expect(await world.run({ ...other, backupId: 'one' })).toMatchObject({ error: 'NONE' })
  expect(world.control.state.runningBackup).toBeNull()
  const failed = {
    kind: 'backup.create',
    backupId: 'two',
    phase: 'failed',
    failure: 'why',
  } as const
  await world.run(begin('two'))
  await world.run(failed)
  expect(
    (await recordsOf(world)).slice(1).map(({ after, outcome }) => [outcome.code, after]),
  ).toEqual([
    ['NONE', { backupId: 'one', phase: 'running', atMs: expect.any(Number) }],
    ['DUPLICATE_RESOURCE', null],
    ['RESOURCE_NOT_FOUND', null],
    ['NONE', { backupId: 'one', phase: 'done', atMs: expect.any(Number), content }],
    ['NONE', { backupId: 'two', phase: 'running', atMs: expect.any(Number) }],
    ['NONE', { backupId: 'two', phase: 'failed', atMs: expect.any(Number), failure: 'why' }],
  ])
  await world.stop()
})

it('only the broker says that data was restored, which ends the backup that it came from', async () => {
  const world = await ControlWorld.open()
  await world.run(begin('one'))
  const restore = {
    kind: 'backup.restore',
    backupId: 'one',
    createdAt: '2026-11-20T14:00:00.000Z',
    historySize: 2,
    historyRoot: 'root',
  } as const
  expect(await world.run(restore)).toMatchObject({ error: 'INVALID_REQUEST' })
  const system = { principal: 'System:broker', mechanism: 'INTERNAL', door: 'system' } as const
  const actor = { ...system, source: { ip: '', listener: '' } }
  const [outcome] = await world.control.execute([restore], actor)
  expect(outcome).toMatchObject({ error: 'NONE' })
  expect(world.control.state.runningBackup).toBeNull()
  await world.stop()
})
