import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRealDisk, silentLogger, systemClock, systemTimers } from '../../../kit/index.ts'
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
    expect(await store.append([{ log, batch }], { acks: 'written' })).toMatchObject([
      { baseOffset: 200 },
    ])
    const { journal } = store.stats
    expect(journal.writtenBytes).toBeGreaterThan(200 * 40_000)
    expect(journal.fsyncCount).toBeGreaterThan(0)
    expect(Array.from(journal.fsyncBuckets).reduce((sum, count) => sum + count, 0)).toBe(
      journal.fsyncCount,
    )
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
})
