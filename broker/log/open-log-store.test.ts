import { beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../kit/index.ts'
import type { SimDisk, SimTime } from '../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { batchOf, spec, TOPIC_A } from './contract.ts'
import type { JournalDeviceFactory } from './journal/device.ts'
import { inlineJournalDevice } from './journal/inline-device.ts'
import type { OpenedLogStore } from './open-log-store.ts'
import { openLogStore } from './open-log-store.ts'
import { SMALL_LIMITS } from './testing.ts'

/** In what order a store is put together: what a start waits for, and what it must not leave behind. */

let time: SimTime
let disk: SimDisk
/** What happened to devices of the journal, and to its files. */
let events: string[]

beforeEach(() => {
  time = createSimTime()
  disk = createSimDisk({ timers: time.timers })
  events = []
})

const observed: JournalDeviceFactory = (listener) => {
  const device = inlineJournalDevice(disk)(listener)
  const close = device.close.bind(device)
  events.push('device made')
  device.close = () => {
    events.push('device closed')
    return close()
  }
  return device
}

function open(journalDevice: JournalDeviceFactory = observed): Promise<OpenedLogStore> {
  return openLogStore({
    directory: '/data',
    ...{ disk, journalDevice, clock: time.clock, timers: time.timers, logger: silentLogger },
    limits: SMALL_LIMITS,
  })
}

const journalFiles = (): Promise<readonly string[]> => disk.list('/data/journal')

describe('a store that is opened', () => {
  it("has the journal's device before its files, whose filling takes longest", async () => {
    disk.plan = ({ kind, path }) => {
      if (kind === 'create' && path.endsWith('.journal')) events.push('file made')
      return { kind: 'proceed' }
    }
    const { store } = await open()
    expect(events).toEqual(['device made', 'file made', 'file made'])
    await store.close()
  })

  it('closes that device when the disk has no room for the files', async () => {
    disk.capacityBytes = 64 * 1024
    await expect(open()).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(events).toEqual(['device made', 'device closed'])
    expect(time.pendingTimers).toBe(0)
  })

  it('is not opened when no device works', async () => {
    const broken: JournalDeviceFactory = (listener) => {
      queueMicrotask(() => listener.onFailure(new Error('no threads left')))
      return observed(listener)
    }
    await expect(open(broken)).rejects.toThrow('the journal cannot be written')
  })

  it('takes another device for one that fails at once, and leaves the files of the run before alone', async () => {
    await append((await open()).store, 7)
    disk.stop()
    disk = disk.afterCrash({ kind: 'nothing' }, { timers: time.timers })
    let failures = 1
    const { store } = await open((listener) => {
      if (failures-- > 0) queueMicrotask(() => listener.onFailure(new Error('no memory left')))
      return observed(listener)
    })
    await append(store, 20)
    const log = store.find(TOPIC_A, 0)
    expect(log).toMatchObject({ endOffset: 27, highWatermark: 27 })
    disk.stop()
    disk = disk.afterCrash({ kind: 'nothing' }, { timers: time.timers })
    const again = await open()
    await again.store.create([spec(TOPIC_A)])
    expect(again.store.find(TOPIC_A, 0)).toMatchObject({ endOffset: 27, highWatermark: 27 })
    await again.store.close()
  })
})

describe('a spare journal file', () => {
  it('is not made while the start still writes, but soon after', async () => {
    const { store } = await open()
    await append(store, 1)
    await time.advance(200)
    expect(await journalFiles()).toHaveLength(2)
    await time.advance(200)
    expect(await journalFiles()).toHaveLength(3)
    await store.close()
  })

  it('is made at once when it is missed', async () => {
    const { store } = await open()
    await append(store, 7)
    expect(time.clock.monotonicMs()).toBeLessThan(200)
    expect((await journalFiles()).length).toBeGreaterThan(2)
    await store.close()
  })
})

/** Batches of which six fill a journal file. */
async function append(store: OpenedLogStore['store'], count: number): Promise<void> {
  await store.create([spec(TOPIC_A)])
  const log = store.find(TOPIC_A, 0)
  if (log === undefined) throw new Error('no log')
  const batch = batchOf(['x'.repeat(20_000)])
  for (let n = 0; n < count; n++) {
    const appended = store.append([{ log, batch }], { acks: 'durable' })
    await time.advance(10)
    expect(await appended).toMatchObject([{ kind: 'appended' }])
  }
}
