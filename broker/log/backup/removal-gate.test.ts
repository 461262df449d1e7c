import { expect, it } from 'vitest'
import { silentLogger } from '../../../kit/index.ts'
import { createSimDisk } from '../../../kit/testing.ts'
import { FileCache } from '../segments/file-cache.ts'
import { RemovalGate } from './removal-gate.ts'

it('lets go of a file that somebody opened while its removal waited', async () => {
  const disk = createSimDisk()
  const files = new FileCache(disk, 10)
  const gate = new RemovalGate(disk, files, silentLogger)
  await files.create('/a.log', (file) => file.write([Buffer.from('a')], 0))
  gate.shut()
  files.forget('/a.log')
  await gate.remove(['/a.log'])
  expect(await files.use('/a.log', (file) => file.size())).toBe(1)
  expect(files.size).toBe(1)
  await gate.open()
  expect(files.size).toBe(0)
  expect(await disk.exists('/a.log')).toBe(false)
})
