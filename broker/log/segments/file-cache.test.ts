import { describe, expect, it } from 'vitest'
import { createSimDisk } from '../../../kit/testing.ts'
import { FileCache } from './file-cache.ts'

describe('file cache', () => {
  it('never closes a file that is in use, however many are', async () => {
    const files = new FileCache(createSimDisk(), 2)
    const paths = ['/a', '/b', '/c', '/d']
    const gate = Promise.withResolvers<void>()
    const used = paths.map((path) =>
      files.create(path, async (file) => {
        await gate.promise
        await file.write([Buffer.from(path)], 0)
        await file.sync()
      }),
    )
    gate.resolve()
    await Promise.all(used)
    for (const path of paths) {
      expect(await files.use(path, (file) => file.size())).toBe(2)
      expect(files.size).toBeLessThanOrEqual(2)
    }
    await files.close()
  })

  it('keeps two descriptors where reads pass by the page cache, and forgets both', async () => {
    const files = new FileCache(createSimDisk(), 8)
    await files.create('/a', (file) => file.write([Buffer.from('text')], 0))
    const unaligned = files.useDirect('/a', (file) => file.read(Buffer.alloc(4), 1))
    await expect(unaligned).rejects.toMatchObject({ code: 'EINVAL' })
    expect(await files.useDirect('/a', (file) => file.size())).toBe(4)
    expect(await files.use('/a', (file) => file.read(Buffer.alloc(4), 1))).toBe(3)
    expect(files.size).toBe(2)
    files.forget('/a')
    expect(files.size).toBe(0)
  })

  it('closes a removed file after its last use', async () => {
    const disk = createSimDisk()
    const files = new FileCache(disk, 8)
    await files.create('/a', (file) => file.write([Buffer.from('old')], 0))
    await files.use('/a', async (file) => {
      files.forget('/a')
      await disk.remove('/a')
      const bytes = Buffer.alloc(3)
      expect(await file.read(bytes, 0)).toBe(3)
      expect(bytes.toString()).toBe('old')
    })
    await expect(files.use('/a', (file) => file.size())).rejects.toMatchObject({ code: 'ENOENT' })
    expect(files.size).toBe(0)
  })
})
