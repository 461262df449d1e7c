import { expect, it } from 'vitest'
import { createSimDisk } from '../../kit/testing.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'
import { noteBackup, recordNotedBackups } from './backup-notes.ts'

/** Backups that were made while nobody kept the history. */

const content = { files: 3, sizeBytes: 4, historySize: 5, manifest: 'ab'.repeat(32) }

it('are in the history after the next start, once, as of when they were made', async () => {
  const { services, stop } = await startTestBroker()
  const { control } = services
  const disk = createSimDisk()
  await disk.makeDirectory('/data')
  const times = ['2026-01-02T03:04:05.006Z', '2026-01-03T00:00:00.000Z']
  for (const [index, createdAt] of times.entries()) {
    await noteBackup(disk, '/data', { backupId: `backup-${index}`, createdAt, content })
  }
  const first = control.history.nextSeq
  await recordNotedBackups(control, disk, '/data')
  await recordNotedBackups(control, disk, '/data')
  const entries = await control.history.read(first, 10)
  expect(entries.map(({ record }) => record)).toMatchObject(
    times.flatMap((occurredAt, index) =>
      ['running', 'done'].map((phase) => ({
        ...{ operation: 'backup.create', occurredAt, outcome: { code: 'NONE' } },
        ...{ door: 'system', reason: expect.stringContaining('no broker ran') },
        after: { backupId: `backup-${index}`, phase, atMs: Date.parse(occurredAt) },
      })),
    ),
  )
  expect(entries[1]?.record.after).toMatchObject({ content })
  expect(control.state.runningBackup).toBe(null)
  expect(await disk.list('/data')).toEqual([])
  await stop()
})

it('are not many', async () => {
  const disk = createSimDisk()
  await disk.makeDirectory('/data')
  const createdAt = '2026-01-02T03:04:05.006Z'
  for (let index = 0; index < 105; index++) {
    await noteBackup(disk, '/data', { backupId: String(index), createdAt, content })
  }
  const { services, stop } = await startTestBroker()
  const { control } = services
  const first = control.history.nextSeq
  await recordNotedBackups(control, disk, '/data')
  const entries = await control.history.read(first, 1000)
  expect(entries[0]?.record.after).toMatchObject({ backupId: '5' })
  expect(entries.at(-1)?.record.after).toMatchObject({ backupId: '104', phase: 'done' })
  await stop()
})
