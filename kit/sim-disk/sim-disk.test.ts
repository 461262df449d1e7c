import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Disk, DiskFile } from '../disk.ts'
import type { Random } from '../random.ts'
import { seededRandom } from '../random.ts'
import { openRealDisk } from '../real-disk.ts'
import { createSimTime } from '../sim-time.ts'
import type { SimDisk } from './sim-disk.ts'
import { createSimDisk } from './sim-disk.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

async function textOf(disk: Disk, path: string): Promise<string | null> {
  if (!(await disk.exists(path))) return null
  const file = await disk.open(path, 'read')
  const target = Buffer.alloc(await file.size())
  await file.read(target, 0)
  await file.close()
  return target.toString('latin1')
}

/** Every distinct outcome of a crash now, as what `look` sees. */
async function outcomes<T>(disk: SimDisk, look: (disk: SimDisk) => Promise<T>): Promise<Set<T>> {
  const seen = new Set<T>()
  for (const choice of disk.crashChoices(200, 1)) seen.add(await look(disk.afterCrash(choice)))
  return seen
}

async function diskWith(files: Readonly<Record<string, string>>): Promise<SimDisk> {
  const disk = createSimDisk()
  for (const [path, text] of Object.entries(files)) {
    const file = await disk.open(path, 'create')
    await file.write([bytes(text)], 0)
    await file.sync()
    await file.close()
  }
  await disk.syncDirectory('/')
  return disk
}

describe('without a crash it answers as the machine does', () => {
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'glasslog-sim-'))
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test.each(Array.from({ length: 20 }, (_, i) => i + 1))('script of seed %i', async (seed) => {
    const real = await runScript(openRealDisk(), `${root}/${seed}`, seededRandom(seed))
    const simulated = await runScript(createSimDisk({ seed }), `/sim/${seed}`, seededRandom(seed))
    expect(simulated).toEqual(real)
  })
})

/** 300 calls with few names, so that they meet; the answer is a line for each. */
async function runScript(disk: Disk, root: string, random: Random): Promise<string[]> {
  const names = ['a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a', 'a/x']
  const anyPath = (): string => `${root}/${names[random.below(names.length)]}`
  const open: DiskFile[] = []
  const lines: string[] = []
  await disk.makeDirectory(root)
  for (let step = 0; step < 300; step++) {
    const name = scriptCalls[random.below(scriptCalls.length)] ?? 'list'
    const position = random.below(3) * 4096 + random.below(9000)
    const data = random.bytes(random.below(6000))
    const file = open[random.below(open.length + 1)]
    const [path, other] = [anyPath(), anyPath()]
    try {
      const answer = await runCall(disk, name, { path, other, file, position, data, open })
      lines.push(`${step} ${name} ${JSON.stringify(answer)}`)
    } catch (cause) {
      lines.push(`${step} ${name} ${codeOf(cause)}`)
    }
  }
  for (const file of open) await file.close()
  return lines
}

const scriptCalls = [
  'create',
  'create',
  'openWrite',
  'openWrite',
  'openRead',
  'write',
  'write',
  'write',
  'read',
  'truncate',
  'size',
  'sync',
  'close',
  'list',
  'makeDirectory',
  'rename',
  'rename',
  'remove',
  'exists',
  'syncDirectory',
] as const

interface ScriptArguments {
  readonly path: string
  readonly other: string
  readonly file: DiskFile | undefined
  readonly position: number
  readonly data: Uint8Array
  readonly open: DiskFile[]
}

async function runCall(
  disk: Disk,
  name: (typeof scriptCalls)[number],
  { path, other, file, position, data, open }: ScriptArguments,
): Promise<unknown> {
  switch (name) {
    case 'create':
      return void open.push(await disk.open(path, 'create'))
    case 'openWrite':
      return void open.push(await disk.open(path, 'write'))
    case 'openRead': {
      // Opening a directory to read it is an oddity of POSIX that nobody relies on.
      if ((await codeOfCall(disk.list(path))) === '') return null
      return void open.push(await disk.open(path, 'read'))
    }
    case 'write':
      return file?.write([data.subarray(0, 100), data.subarray(100)], position)
    case 'read': {
      const target = Buffer.alloc(8000)
      const got = await file?.read(target, position)
      return [got, crc32(target)]
    }
    case 'truncate':
      return file?.truncate(position)
    case 'size':
      return file?.size()
    case 'sync':
      return file?.sync()
    case 'close':
      if (!file) return null
      open.splice(open.indexOf(file), 1)
      return file.close()
    case 'list':
      return disk.list(path)
    case 'makeDirectory':
      return disk.makeDirectory(path)
    case 'rename':
      return disk.rename(path, other)
    case 'remove':
      return disk.remove(path)
    case 'exists':
      return disk.exists(path)
    case 'syncDirectory':
      return disk.syncDirectory(path)
  }
}

async function codeOfCall(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return ''
  } catch (cause) {
    return codeOf(cause)
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
}

describe('a crash', () => {
  test('keeps what was synced, name and data, whatever else it does', async () => {
    const disk = await diskWith({ '/a': 'kept' })
    expect(await outcomes(disk, (after) => textOf(after, '/a'))).toEqual(new Set(['kept']))
  })

  test('can lose a name whose directory was not synced, though the data was', async () => {
    const disk = createSimDisk()
    const file = await disk.open('/a', 'create')
    await file.write([bytes('data')], 0)
    await file.sync()
    expect(await outcomes(disk, (after) => textOf(after, '/a'))).toEqual(new Set([null, 'data']))
  })

  test('can lose a directory whose own name was not synced in the parent', async () => {
    const disk = createSimDisk()
    await disk.makeDirectory('/d/e')
    await disk.syncDirectory('/d')
    await disk.syncDirectory('/')
    await disk.makeDirectory('/d/e/f')
    const file = await disk.open('/d/e/f/a', 'create')
    await file.sync()
    await disk.syncDirectory('/d/e/f')
    expect(await outcomes(disk, (after) => after.exists('/d/e/f/a'))).toEqual(
      new Set([false, true]),
    )
    expect(await outcomes(disk, (after) => after.exists('/d/e'))).toEqual(new Set([true]))
  })

  test('finds data that was not synced lost, there, or as zeros below a size that was kept', async () => {
    const disk = await diskWith({ '/a': '' })
    const file = await disk.open('/a', 'write')
    await file.write([bytes('new')], 0)
    expect(await outcomes(disk, (after) => textOf(after, '/a'))).toEqual(
      new Set(['', 'new', '\0\0\0']),
    )
  })

  test('keeps later pages and loses earlier ones', async () => {
    const disk = await diskWith({ '/a': 'o'.repeat(8192) })
    const file = await disk.open('/a', 'write')
    await file.write([bytes('1')], 0)
    await file.write([bytes('2')], 4096)
    const seen = await outcomes(disk, async (after) => {
      const text = await textOf(after, '/a')
      return `${text?.[0]}${text?.[4096]}`
    })
    expect(seen).toEqual(new Set(['oo', '1o', 'o2', '12']))
  })

  test('finds any state since the last sync, not only the last', async () => {
    const disk = await diskWith({ '/a': 'o' })
    const file = await disk.open('/a', 'write')
    await file.write([bytes('1')], 0)
    await file.write([bytes('2')], 0)
    expect(await outcomes(disk, (after) => textOf(after, '/a'))).toEqual(new Set(['o', '1', '2']))
  })

  test('tears pages at sectors and nowhere else', async () => {
    const disk = await diskWith({ '/a': 'o'.repeat(4096) })
    const file = await disk.open('/a', 'write')
    await file.write([bytes('n'.repeat(4096))], 0)
    const sectors = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      const after = disk.afterCrash({ kind: 'random', seed, keepPercent: 50, unit: 'sector' })
      const text = (await textOf(after, '/a')) ?? ''
      for (let at = 0; at < 4096; at += 512) sectors.add(text.slice(at, at + 512))
    }
    expect(sectors).toEqual(new Set(['o'.repeat(512), 'n'.repeat(512)]))
  })

  test('leaves one of the two files of a replacing rename, never none', async () => {
    const disk = await diskWith({ '/a': 'old', '/a.tmp': 'new' })
    await disk.rename('/a.tmp', '/a')
    expect(await outcomes(disk, (after) => textOf(after, '/a'))).toEqual(new Set(['old', 'new']))
    await disk.syncDirectory('/')
    expect(await outcomes(disk, (after) => textOf(after, '/a'))).toEqual(new Set(['new']))
    expect(await outcomes(disk, (after) => after.exists('/a.tmp'))).toEqual(new Set([false]))
  })

  test('parts a rename between directories only when one of them was synced', async () => {
    const look = async (after: SimDisk): Promise<string> =>
      `${await after.exists('/d/a')} ${await after.exists('/e/a')}`
    const setUp = async (): Promise<SimDisk> => {
      const disk = createSimDisk()
      await disk.makeDirectory('/d')
      await disk.makeDirectory('/e')
      await disk.open('/d/a', 'create')
      for (const path of ['/', '/d', '/e']) await disk.syncDirectory(path)
      await disk.rename('/d/a', '/e/a')
      return disk
    }
    const both = await setUp()
    expect(await outcomes(both, look)).toEqual(new Set(['true false', 'false true']))
    await both.syncDirectory('/e')
    expect(await outcomes(both, look)).toEqual(new Set(['true true', 'false true']))
    const sourceOnly = await setUp()
    await sourceOnly.syncDirectory('/d')
    expect(await outcomes(sourceOnly, look)).toEqual(new Set(['false false', 'false true']))
  })

  test('brings back a removed file, whole, until the directory was synced', async () => {
    const disk = await diskWith({ '/a': 'back' })
    await disk.remove('/a')
    expect(await outcomes(disk, (after) => textOf(after, '/a'))).toEqual(new Set([null, 'back']))
    await disk.syncDirectory('/')
    expect(await outcomes(disk, (after) => textOf(after, '/a'))).toEqual(new Set([null]))
  })

  test('a write that overlaps a sync is not covered by it', async () => {
    const disk = await diskWith({ '/a': 'o' })
    const file = await disk.open('/a', 'write')
    const write = file.write([bytes('n')], 0)
    const sync = file.sync()
    await Promise.all([write, sync])
    expect(await outcomes(disk, (after) => textOf(after, '/a'))).toEqual(new Set(['o', 'n']))
  })

  test('a name that overlaps a sync of its directory is not covered by it', async () => {
    const disk = createSimDisk()
    const sync = disk.syncDirectory('/')
    await Promise.all([disk.makeDirectory('/d'), sync])
    expect(await outcomes(disk, (after) => after.exists('/d'))).toEqual(new Set([true, false]))
  })

  test('shows nothing of what lay beyond the end of a file, even when it grows again', async () => {
    const disk = await diskWith({ '/a': '' })
    const file = await disk.open('/a', 'write')
    await file.write([bytes('n'.repeat(6000))], 0)
    const after = disk.afterCrash({ kind: 'data' })
    const again = await after.open('/a', 'write')
    expect(await again.size()).toBe(0)
    await again.truncate(6000)
    expect(await textOf(after, '/a')).toBe('\0'.repeat(6000))
  })

  test('of the process alone keeps the page cache, and frees its locks', async () => {
    const disk = createSimDisk()
    const file = await disk.open('/a', 'create')
    await file.write([bytes('cached')], 0)
    expect(await disk.lock('/lock')).not.toBeNull()
    expect(await disk.lock('/lock')).toBeNull()
    disk.stop()
    const after = disk.afterCrash({ kind: 'process-kill' })
    expect(await textOf(after, '/a')).toBe('cached')
    expect(await after.lock('/lock')).not.toBeNull()
  })

  test('of the process alone makes nothing durable: power loss may follow', async () => {
    const disk = await diskWith({ '/a': 'o', '/b': 'removed' })
    const file = await disk.open('/a', 'write')
    await file.write([bytes('n')], 0)
    await disk.makeDirectory('/d')
    await disk.remove('/b')
    disk.stop()
    const after = disk.afterCrash({ kind: 'process-kill' })
    const { totalBytes, freeBytes } = await after.space('/')
    expect(totalBytes - freeBytes).toBe(4096)
    expect(await after.list('/')).toEqual(['a', 'd'])
    expect(await outcomes(after, (third) => textOf(third, '/a'))).toEqual(new Set(['o', 'n']))
    expect(await outcomes(after, (third) => third.exists('/d'))).toEqual(new Set([true, false]))
    expect(await outcomes(after, (third) => textOf(third, '/b'))).toEqual(
      new Set(['removed', null]),
    )
    await (await after.open('/a', 'write')).sync()
    await after.syncDirectory('/')
    expect(await outcomes(after, (third) => textOf(third, '/a'))).toEqual(new Set(['n']))
    expect(await outcomes(after, (third) => third.exists('/d'))).toEqual(new Set([true]))
    expect(await outcomes(disk, (third) => textOf(third, '/a'))).toEqual(new Set(['o', 'n']))
  })

  test('gives the same disk for the same choice, and leaves the crashed one as it was', async () => {
    const disk = await diskWith({ '/a': 'o'.repeat(9000) })
    const file = await disk.open('/a', 'write')
    await file.write([bytes('n'.repeat(9000))], 100)
    disk.stop()
    const choices = disk.crashChoices(3, 7)
    expect(choices).toEqual(disk.crashChoices(3, 7))
    for (const choice of [...choices, ...disk.crashChoices(40, 8)]) {
      const first = disk.afterCrash(choice)
      const text = await textOf(first, '/a')
      const overwrite = await first.open('/a', 'write')
      await overwrite.write([bytes('x'.repeat(9000))], 0)
      await overwrite.sync()
      expect(await textOf(disk.afterCrash(choice), '/a')).toBe(text)
    }
  })
})

describe('a stop', () => {
  const write = async (when: 'before' | 'during' | 'after', seed: number): Promise<SimDisk> => {
    const disk = createSimDisk({ seed })
    const file = await disk.open('/a', 'create')
    disk.plan = ({ kind }) => (kind === 'write' ? { kind: 'stop', when } : { kind: 'proceed' })
    let isHeard = false
    void file.write([bytes('abcdef')], 0).finally(() => {
      isHeard = true
    })
    expect((await disk.stopped).kind).toBe('write')
    void disk.exists('/a').then(() => {
      isHeard = true
    })
    await createSimTime().settle()
    expect(isHeard).toBe(false)
    return disk.afterCrash({ kind: 'process-kill' })
  }

  test('before, during or after a call leaves none, a part or all of it, and tells nobody', async () => {
    expect(await textOf(await write('before', 1), '/a')).toBe('')
    expect(await textOf(await write('after', 1), '/a')).toBe('abcdef')
    const lengths = new Set<number | undefined>()
    for (let seed = 0; seed < 40; seed++) {
      lengths.add((await textOf(await write('during', seed), '/a'))?.length)
    }
    expect([...lengths].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test('leaves calls that were on their way done, half done or not done', async () => {
    const seen = new Set<string | null>()
    for (let seed = 0; seed < 40; seed++) {
      const disk = createSimDisk({ seed })
      const file = await disk.open('/a', 'create')
      let isHeard = false
      void file.write([bytes('ab')], 0).finally(() => {
        isHeard = true
      })
      disk.stop()
      const text = await textOf(disk.afterCrash({ kind: 'process-kill' }), '/a')
      await createSimTime().settle()
      expect(isHeard).toBe(false)
      expect(await textOf(disk.afterCrash({ kind: 'process-kill' }), '/a')).toBe(text)
      seen.add(text)
    }
    expect(seen).toEqual(new Set(['', 'a', 'ab']))
  })
})

describe('errors', () => {
  test('a failed sync leaves pages clean: the next one succeeds and they may be lost all the same', async () => {
    const kept = new Set<string | null>()
    const readable = new Set<string | null>()
    for (let seed = 0; seed < 40; seed++) {
      const disk = createSimDisk({ seed })
      const file = await disk.open('/a', 'create')
      await file.write([bytes('old')], 0)
      await file.sync()
      await disk.syncDirectory('/')
      await file.write([bytes('new')], 0)
      disk.plan = ({ kind }) =>
        kind === 'sync' ? { kind: 'error', code: 'EIO' } : { kind: 'proceed' }
      await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
      disk.plan = () => ({ kind: 'proceed' })
      await file.sync()
      readable.add(await textOf(disk, '/a'))
      for (const text of await outcomes(disk, (after) => textOf(after, '/a'))) kept.add(text)
    }
    expect(kept).toEqual(new Set(['old', 'new']))
    expect(readable).toEqual(new Set(['old', 'new']))
  })

  test('a failed write may have written a part', async () => {
    const sizes = new Set<number>()
    for (let seed = 0; seed < 40; seed++) {
      const disk = createSimDisk({ seed })
      const file = await disk.open('/a', 'create')
      disk.plan = ({ kind }) =>
        kind === 'write' ? { kind: 'error', code: 'EIO' } : { kind: 'proceed' }
      await expect(file.write([bytes('ab')], 0)).rejects.toMatchObject({ code: 'EIO' })
      sizes.add(await file.size())
    }
    expect(sizes).toEqual(new Set([0, 1, 2]))
  })

  test('a full disk takes what fits, refuses the rest, and takes more once space returns', async () => {
    const disk = createSimDisk({ capacityBytes: 3 * 4096 })
    const file = await disk.open('/a', 'create')
    await expect(file.write([new Uint8Array(20_000).fill(1)], 0)).rejects.toMatchObject({
      code: 'ENOSPC',
    })
    expect(await file.size()).toBe(3 * 4096)
    expect((await disk.space('/')).freeBytes).toBe(0)
    await file.write([bytes('overwrites need no space')], 0)
    const other = await disk.open('/b', 'create')
    await expect(other.write([bytes('x')], 0)).rejects.toMatchObject({ code: 'ENOSPC' })
    await file.truncate(4096)
    await other.write([bytes('x')], 0)
    expect((await disk.space('/')).freeBytes).toBe(4096)
    await disk.remove('/a')
    expect((await disk.space('/')).freeBytes).toBe(4096)
    await file.close()
    expect((await disk.space('/')).freeBytes).toBe(2 * 4096)
    disk.capacityBytes = 4096
    expect((await disk.space('/')).freeBytes).toBe(0)
  })

  test('holes take no space', async () => {
    const disk = createSimDisk({ capacityBytes: 4096 })
    const file = await disk.open('/a', 'create')
    await file.truncate(1_000_000)
    expect((await disk.space('/')).freeBytes).toBe(4096)
    await file.write([bytes('x')], 500_000)
    expect((await disk.space('/')).freeBytes).toBe(0)
  })
})

test('a slow call takes its time on the simulated clock', async () => {
  const time = createSimTime()
  const disk = createSimDisk({ timers: time.timers })
  const file = await disk.open('/a', 'create')
  disk.plan = () => ({ kind: 'proceed', delayMs: 250 })
  let doneAt = -1
  void file.sync().then(() => {
    doneAt = time.clock.monotonicMs()
  })
  await time.advance(1000)
  expect(doneAt).toBe(250)
})
