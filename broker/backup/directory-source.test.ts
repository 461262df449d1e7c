import { expect, it } from 'vitest'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import type { TestAdmin } from '../../test/support/test-admin.ts'
import { startTestAdmin } from '../../test/support/test-admin.ts'
import { createBackup } from './create-backup.ts'
import { openDirectorySource } from './directory-source.ts'
import { restoreBackup } from './restore-backup.ts'
import { batchOf, nameOf, recordsIn, whileTimePasses } from './testing.ts'

/** Copies of directories on which no broker runs, whatever a crash left of them. */

async function withRecords(): Promise<{
  admin: TestAdmin
  name: string
  values: readonly string[]
}> {
  const admin = await startTestAdmin({ limits: { journalFileBytes: 262_144 } })
  const { broker } = admin
  const topic = await broker.createTopic('orders')
  const log = broker.store.find(topic.id, 0)
  if (!log) throw new Error('the log is not there')
  const values = Array.from({ length: 50 }, (_, count) => `value ${count}`)
  for (const value of values) {
    const batch = batchOf([value], broker.time.clock.now())
    await whileTimePasses(broker.time, broker.store.append([{ log, batch }], { acks: 'durable' }))
  }
  return { admin, name: nameOf(log), values }
}

it.each([1, 2, 3])(
  'a power loss takes nothing that was acknowledged out of them (%i)',
  async (seed) => {
    const { admin, name, values } = await withRecords()
    const { disk: before, time } = admin.broker
    before.stop()
    for (const choice of before.crashChoices(3, seed)) {
      const disk = before.afterCrash(choice, { seed, timers: time.timers })
      const options = { disk, ...time, bytesPerSecond: Infinity }
      const given = { disk, clock: time.clock, random: seededRandom(seed), withKeys: true }
      const source = await openDirectorySource({ ...given, dataDirectory: '/data' })
      const manifest = await whileTimePasses(time, createBackup(source, '/backup', options))
      await source.close()
      const journal = manifest.files.filter(({ path }) => path.startsWith('journal/'))
      const journalBytes = journal.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      // Not the zeros that its files are filled with.
      expect(journalBytes).toBeLessThan(262_144)
      await whileTimePasses(time, restoreBackup('/backup', '/restored', options))
      const found = await whileTimePasses(
        time,
        recordsIn(disk, '/restored', time, seededRandom(5), silentLogger),
      )
      expect(found.get(name)?.map(({ value }) => value)).toEqual(values)
    }
  },
)

it('are refused while somebody uses them, and where there is none', async () => {
  const { admin } = await withRecords()
  const { disk, time } = admin.broker
  const given = { disk, clock: time.clock, random: seededRandom(1), withKeys: false }
  const used = openDirectorySource({ ...given, dataDirectory: '/data' })
  await expect(used).rejects.toThrow('another process uses /data')
  const none = openDirectorySource({ ...given, dataDirectory: '/nowhere' })
  await expect(none).rejects.toThrow('not a data directory')
  await admin.stop()
})
