import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  openRealDisk,
  seededRandom,
  silentLogger,
  systemClock,
  systemTimers,
} from '../../../kit/index.ts'
import { batchOf, spec, TOPIC_A } from '../contract.ts'
import { Memory } from '../memory/memory.ts'
import type { OpenedLogStore } from '../open-log-store.ts'
import { openLogStore } from '../open-log-store.ts'
import { workerJournalDevice } from './worker-device.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'glasslog-journal-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

function openStore(): Promise<OpenedLogStore> {
  return openLogStore({
    directory,
    disk: openRealDisk(),
    clock: systemClock,
    timers: systemTimers,
    logger: silentLogger,
    journalDevice: workerJournalDevice,
    limits: { journalFileBytes: 1024 * 1024, minFreeBytes: 0 },
  })
}

describe('the journal on threads of its own', () => {
  it('makes appends durable, over many files, and is found again', async () => {
    const { store } = await openStore()
    await store.create([spec(TOPIC_A)])
    const log = store.find(TOPIC_A, 0)
    if (log === undefined) throw new Error('no log')
    const batch = batchOf(['x'.repeat(40_000)])
    const results = await Promise.all(
      Array.from({ length: 200 }, () => store.append([{ log, batch }], { acks: 'durable' })),
    )
    expect(results.map(([first]) => first?.kind === 'appended' && first.baseOffset)).toEqual(
      Array.from({ length: 200 }, (_, i) => i),
    )
    // All is durable, so that no thread counts on meanwhile.
    const { journal } = store.stats
    expect(journal.writtenBytes).toBeGreaterThan(200 * 40_000)
    expect(journal.fsyncCount).toBeGreaterThan(0)
    expect(Array.from(journal.fsyncBuckets).reduce((sum, count) => sum + count, 0)).toBe(
      journal.fsyncCount,
    )
    expect(await store.append([{ log, batch }], { acks: 'written' })).toMatchObject([
      { baseOffset: 200 },
    ])
    await store.close()
    const again = await openStore()
    await again.store.create([spec(TOPIC_A)])
    expect(again.store.find(TOPIC_A, 0)).toMatchObject({ endOffset: 201, highWatermark: 201 })
    await again.store.close()
  })

  it('tells of a failure once and does nothing more', async () => {
    const failure = await new Promise<Error>((resolve) => {
      const device = workerJournalDevice({
        onProgress: () => {},
        onFailure: (error) => void device.close().then(() => resolve(error)),
      })
      const memory = new Memory(1, 4096)
      device.addMemory(memory)
      device.setFile(1, join(directory, 'missing'))
      device.write(memory, 0, 4096, 1, 0)
      device.write(memory, 0, 4096, 1, 4096)
    })
    expect(failure).toMatchObject({ code: 'ENOENT' })
  })

  it.skipIf(!existsSync('/proc/self/fd'))(
    'leaves no file open that could not be synced',
    async () => {
      // Takes what is written, and cannot be synced.
      const path = '/dev/zero'
      const failure = await new Promise<Error>((resolve) => {
        const device = workerJournalDevice({
          onProgress: () => {},
          onFailure: (error) => void device.close().then(() => resolve(error)),
        })
        const memory = new Memory(1, 4096)
        device.addMemory(memory)
        device.setFile(1, path)
        device.write(memory, 0, 4096, 1, 0)
      })
      expect(failure).toMatchObject({ code: 'EINVAL' })
      expect(openFiles()).not.toContain(path)
    },
  )

  it.skipIf(!existsSync('/proc/self/fd'))(
    'fails when a thread dies, and leaves no file open',
    async () => {
      const threads: Worker[] = []
      const take = (thread: Worker): void => void threads.push(thread)
      process.on('worker', take)
      const path = join(directory, 'dies')
      await writeFile(path, '')
      const failed = Promise.withResolvers<Error>()
      const written = Promise.withResolvers<void>()
      const device = workerJournalDevice({
        onProgress: () => device.durableCount === 1 && written.resolve(),
        onFailure: failed.resolve,
      })
      const memory = new Memory(1, 4096)
      device.addMemory(memory)
      device.setFile(1, path)
      device.write(memory, 0, 4096, 1, 0)
      await written.promise
      process.off('worker', take)
      expect(openFiles()).toContain(path)
      await threads[0]?.terminate()
      expect(await failed.promise).toMatchObject({ message: 'a thread of the journal has ended' })
      await device.close()
      expect(openFiles()).not.toContain(path)
    },
  )

  it('writes what is queued in order, whichever thread does it, and leaves no file open', async () => {
    const fileBytes = 2 * 1024 * 1024
    const memory = new Memory(1, fileBytes)
    const random = seededRandom(5)
    for (let at = 0; at < fileBytes; at += 4) memory.bytes.writeUInt32LE(random.below(2 ** 32), at)
    const paths = [1, 2, 3].map((slot) => join(directory, String(slot)))
    for (const path of paths) await writeFile(path, '')
    let progressed = Promise.withResolvers<void>()
    const device = workerJournalDevice({
      onProgress() {
        expect(device.durableCount).toBeLessThanOrEqual(device.writtenCount)
        progressed.resolve()
      },
      onFailure: (error) => progressed.reject(error),
    })
    device.addMemory(memory)
    let queued = 0
    for (const [index, path] of paths.entries()) {
      device.setFile(index + 1, path)
      for (let position = 0; position < fileBytes; ) {
        // Some small enough for one thread, some that need both, some at once and some after a sync.
        const mostBytes = random.below(8) === 0 ? 300_000 : 5_000
        const lengthBytes = Math.min(1 + random.below(mostBytes), fileBytes - position)
        device.write(memory, position, lengthBytes, index + 1, position)
        if (random.below(10) === 0) device.wantWritten()
        position += lengthBytes
        queued++
        if (random.below(4) > 0) continue
        progressed = Promise.withResolvers()
        await progressed.promise
      }
    }
    while (device.durableCount < queued) {
      progressed = Promise.withResolvers()
      if (device.durableCount < queued) await progressed.promise
    }
    expect(device.writtenCount).toBe(queued)
    await device.close()
    for (const path of paths) expect((await readFile(path)).equals(memory.bytes)).toBe(true)
    expect(openFiles().filter((path) => path.startsWith(directory))).toEqual([])
  })
})

/** Where the system tells. */
function openFiles(): string[] {
  const directory = '/proc/self/fd'
  if (!existsSync(directory)) return []
  return readdirSync(directory).flatMap((name) => {
    try {
      return [readlinkSync(join(directory, name))]
    } catch {
      return []
    }
  })
}
