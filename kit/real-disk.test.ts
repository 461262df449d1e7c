import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { alignedBuffer } from './aligned-buffer.ts'
import type { DiskFile } from './disk.ts'
import { DIRECT_ALIGNMENT_BYTES } from './disk.ts'
import { openRealDisk } from './real-disk.ts'

const disk = openRealDisk()
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'glasslog-disk-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('knows how many files may be open', () => {
  expect(disk.openFileLimit).toBeGreaterThanOrEqual(256)
})

test('writes pieces one after the other, reads back up to the end of the file', async () => {
  const file = await disk.open(`${root}/a`, 'create')
  const pieces = ['one', '', 'two', 'three'].map((text) => Buffer.from(text))
  await file.write(pieces, 4)
  await file.write([], 0)
  await file.sync()
  const target = Buffer.alloc(32, 'x')
  expect(await file.read(target, 0)).toBe(15)
  expect(target.subarray(0, 15).toString('latin1')).toBe('\0\0\0\0onetwothree')
  expect(await file.read(target, 15)).toBe(0)
  expect(await file.size()).toBe(15)
  await file.close()
})

test('writes more pieces than the kernel takes in one call', async () => {
  const file = await disk.open(`${root}/a`, 'create')
  const pieces = Array.from({ length: 5000 }, (_, i) => Buffer.from([i & 0xff, i >> 8]))
  await file.write(pieces, 0)
  const target = Buffer.alloc(10_000)
  expect(await file.read(target, 0)).toBe(10_000)
  expect(target.equals(Buffer.concat(pieces))).toBe(true)
  await file.close()
})

test('open says what it needs: create refuses an existing file, the others a missing one', async () => {
  await expect(disk.open(`${root}/a`, 'read')).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(disk.open(`${root}/a`, 'write')).rejects.toMatchObject({ code: 'ENOENT' })
  await (await disk.open(`${root}/a`, 'create')).close()
  await expect(disk.open(`${root}/a`, 'create')).rejects.toMatchObject({ code: 'EEXIST' })
  const readOnly = await disk.open(`${root}/a`, 'read')
  await expect(readOnly.write([Buffer.from('x')], 0)).rejects.toMatchObject({ code: 'EBADF' })
  await readOnly.close()
})

test('directories: nested creation, sorted names, replacing rename, removal with contents', async () => {
  await disk.makeDirectory(`${root}/x/y/z`)
  await disk.makeDirectory(`${root}/x/y/z`)
  for (const name of ['b', 'a', 'c']) await (await disk.open(`${root}/x/${name}`, 'create')).close()
  expect(await disk.list(`${root}/x`)).toEqual(['a', 'b', 'c', 'y'])
  await disk.rename(`${root}/x/a`, `${root}/x/b`)
  await disk.syncDirectory(`${root}/x`)
  expect(await disk.list(`${root}/x`)).toEqual(['b', 'c', 'y'])
  await disk.remove(`${root}/x`)
  await disk.remove(`${root}/x`)
  expect(await disk.exists(`${root}/x`)).toBe(false)
  await expect(disk.list(`${root}/x`)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('reads past the page cache in whole blocks, where the file system can', async () => {
  const file = await disk.open(`${root}/a`, 'create')
  const text = Buffer.alloc(3 * DIRECT_ALIGNMENT_BYTES + 5, 'x').fill('y', DIRECT_ALIGNMENT_BYTES)
  await file.write([text], 0)
  await file.close()
  const direct = await disk.open(`${root}/a`, 'direct').catch((cause: unknown) => cause)
  if (direct instanceof Error) {
    expect(direct).toMatchObject({ code: 'EINVAL' })
    return
  }
  const target = alignedBuffer(8 * DIRECT_ALIGNMENT_BYTES)
  const reading = direct as DiskFile
  expect(await reading.read(target, DIRECT_ALIGNMENT_BYTES)).toBe(2 * DIRECT_ALIGNMENT_BYTES + 5)
  expect(
    target
      .subarray(0, 2 * DIRECT_ALIGNMENT_BYTES + 5)
      .equals(text.subarray(DIRECT_ALIGNMENT_BYTES)),
  ).toBe(true)
  expect(await reading.read(target, 4 * DIRECT_ALIGNMENT_BYTES)).toBe(0)
  await expect(reading.read(target, 1)).rejects.toMatchObject({ code: 'EINVAL' })
  await reading.close()
})

test('space is what the file system says', async () => {
  const { totalBytes, freeBytes } = await disk.space(root)
  expect(totalBytes).toBeGreaterThan(0)
  expect(freeBytes).toBeGreaterThanOrEqual(0)
  expect(freeBytes).toBeLessThanOrEqual(totalBytes)
})

test('a lock is exclusive within the process too, and release gives it back once', async () => {
  const held = await disk.lock(`${root}/lock`)
  expect(held).not.toBeNull()
  expect(await disk.lock(`${root}/lock`)).toBeNull()
  await held?.release()
  await held?.release()
  const again = await disk.lock(`${root}/lock`)
  expect(again).not.toBeNull()
  await again?.release()
})

test('SIGKILL of the holder frees the lock', async () => {
  const modulePath = new URL('./real-disk.ts', import.meta.url).href
  const program = `
    const { openRealDisk } = await import(${JSON.stringify(modulePath)})
    const held = await openRealDisk().lock(${JSON.stringify(`${root}/lock`)})
    process.stdout.write(held ? 'held' : 'refused')
    setInterval(() => held, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('held')
  expect(await disk.lock(`${root}/lock`)).toBeNull()
  child.kill('SIGKILL')
  await once(child, 'exit')
  const held = await disk.lock(`${root}/lock`)
  expect(held).not.toBeNull()
  await held?.release()
})
