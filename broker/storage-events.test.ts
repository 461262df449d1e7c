import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../kit/index.ts'
import { seededRandom, silentLogger, uuidFromBytes } from '../kit/index.ts'
import type { CallFate, DiskCall, SimDisk, SimTime } from '../kit/testing.ts'
import { createSimDisk, createSimTime } from '../kit/testing.ts'
import { encodeBatch } from '../protocol/index.ts'
import type { BrokerEvent } from './events/index.ts'
import type { AppendResult, LogConfig, OpenedLogStore, PartitionLog } from './log/index.ts'
import { inlineJournalDevice, openLogStore } from './log/index.ts'
import { reportRecovery, storageReports, watchStorage } from './storage-events.ts'

/** The storage engine on a simulated disk with trouble, and what operators are told of it. */

const TOPIC_ID = uuidFromBytes(Buffer.alloc(16, 3))
const DIRECTORY = `/data/topics/${TOPIC_ID}/0`
const MIB = 1024 * 1024

const CONFIG: LogConfig = {
  cleanup: { delete: false, compact: false },
  ...{ retentionMs: -1, retentionBytes: -1, segmentBytes: 1_000, segmentMs: 3_600_000 },
  ...{ deleteRetentionMs: 0, minCompactionLagMs: 0, minCleanableDirtyRatio: 0 },
  ...{ maxCompactionLagMs: Number.MAX_SAFE_INTEGER, timestampType: 'create', durability: 'disk' },
}

let time: SimTime
let disk: SimDisk
let store: OpenedLogStore['store']
let log: PartitionLog
let events: BrokerEvent[]
let stopWatching: () => void

const report = (event: BrokerEvent): void => void events.push(event)
const kinds = (): readonly string[] => events.map(({ kind }) => kind)

beforeEach(async () => {
  time = createSimTime()
  disk = createSimDisk({ seed: 1, timers: time.timers })
  await open()
})
afterEach(async () => {
  stopWatching()
  disk.plan = () => ({ kind: 'proceed' })
  const closing = store.close()
  await time.advance(60_000)
  await closing
})

async function open(wasLeft = false): Promise<void> {
  events = []
  const opened = await openLogStore({
    ...{ directory: '/data', disk, clock: time.clock, timers: time.timers, logger: silentLogger },
    journalDevice: inlineJournalDevice(disk, time.clock),
    random: seededRandom(1),
    limits: {
      ...{ flushIntervalMs: 1_000, flushSyncBytes: 500, indexIntervalBytes: 100 },
      ...{ chunkBytes: 32_768, hotWindowBytes: 262_144, hotWindowReserveBytes: 32_768 },
      ...{ journalFileBytes: 131_072, minFreeBytes: MIB },
    },
    scrub: { bytesPerSecond: 1_000_000, intervalMs: 3_600_000 },
    ...storageReports(report),
  })
  store = opened.store
  reportRecovery(opened.recovery, wasLeft, report)
  const spec = { topicId: TOPIC_ID, partition: 0, topicName: 'orders', internal: false }
  await store.create([{ ...spec, config: CONFIG }])
  const found = store.find(TOPIC_ID, 0)
  if (!found) throw new Error('the log is not there')
  log = found
  stopWatching = watchStorage({ log: store, ...time, report })
}

function append(value: Buffer = Buffer.alloc(100, 'x')): Promise<readonly AppendResult[]> {
  const record = { timestampMs: 0, key: null, value }
  return store.append([{ log, batch: encodeBatch([record]) }], { acks: 'durable' })
}

/** Calls of a kind, on the files that `of` chooses, take so long. */
function slow(kind: DiskCall['kind'], of: RegExp, delayMs: number): void {
  disk.plan = (call): CallFate =>
    call.kind === kind && of.test(call.path) ? { kind: 'proceed', delayMs } : { kind: 'proceed' }
}

async function crash(meddle: () => Promise<void> = async () => {}): Promise<void> {
  stopWatching()
  disk.stop()
  disk = disk.afterCrash({ kind: 'nothing' }, { seed: 2, timers: time.timers })
  await meddle()
  await open()
}

describe('operators are told', () => {
  it('nothing while all is well, with little and with much to do', async () => {
    for (let count = 0; count < 50; count++) {
      const appended = append()
      await time.advance(300)
      await appended
    }
    expect(events).toEqual([])
  })

  it('that the disk is full, and that there is room again (disk-full, disk-has-room)', async () => {
    const { capacityBytes } = disk
    disk.capacityBytes = capacityBytes - (await disk.space('/data')).freeBytes + MIB / 2
    await time.advance(5_000)
    expect(events).toEqual([{ kind: 'disk-full', freeBytes: expect.any(Number), floorBytes: MIB }])
    expect((await append())[0]).toMatchObject({ kind: 'failed', reason: 'disk-full' })
    disk.capacityBytes = capacityBytes
    await time.advance(5_000)
    expect(kinds()).toEqual(['disk-full', 'disk-has-room'])
  })

  it('that syncs are slow (disk-slow)', async () => {
    slow('sync', /journal/, 400)
    const appended = append()
    await time.advance(2_000)
    await appended
    expect(events).toEqual([{ kind: 'disk-slow', slowSyncs: 1, syncs: 1, slowMs: 250 }])
  })

  it('that a sync does not come back, seldom while it lasts (fsync-stalled)', async () => {
    slow('sync', /journal/, 60_000)
    const appended = append()
    await time.advance(4_000)
    expect(events).toEqual([])
    await time.advance(55_000)
    expect(new Set(kinds())).toEqual(new Set(['fsync-stalled']))
    expect(events[0]).toMatchObject({ stalledMs: 5_000, waitingFrames: expect.any(Number) })
    expect(events.length).toBeLessThanOrEqual(5)
    disk.plan = () => ({ kind: 'proceed' })
    await time.advance(10_000)
    await appended
    expect(kinds().at(-1)).toBe('disk-slow')
  })

  it('that producers wait for room (appends-waiting)', async () => {
    slow('sync', /topics/, 30_000)
    const appends = Array.from({ length: 60 }, () => append(Buffer.alloc(10_000, 'x')))
    await time.advance(4_000)
    expect(events).toEqual([])
    await time.advance(16_000)
    expect(kinds()).toContain('appends-waiting')
    expect(events.find(({ kind }) => kind === 'appends-waiting')).toMatchObject({
      waiting: expect.any(Number),
    })
    disk.plan = () => ({ kind: 'proceed' })
    await time.advance(120_000)
    await Promise.all(appends)
  })

  it('that nothing can be stored any more (storage-failed)', async () => {
    disk.plan = ({ kind, path }): CallFate =>
      kind === 'sync' && path.includes('journal')
        ? { kind: 'error', code: 'EIO' }
        : { kind: 'proceed' }
    const appended = append()
    await time.advance(10_000)
    expect(await appended).toMatchObject([{ kind: 'failed' }])
    expect(kinds().filter((kind) => kind === 'storage-failed')).toHaveLength(1)
  })

  it('that the process stood still (event-loop-stalled)', async () => {
    stopWatching()
    let jumpMs = 0
    const clock: Clock = {
      now: () => time.clock.now(),
      monotonicMs: () => time.clock.monotonicMs() + jumpMs,
    }
    stopWatching = watchStorage({ log: store, clock, timers: time.timers, report })
    await time.advance(3_000)
    expect(events).toEqual([])
    jumpMs = 7_000
    await time.advance(3_000)
    expect(events).toEqual([{ kind: 'event-loop-stalled', stalledMs: 7_000 }])
  })
})

describe('a start tells', () => {
  it('nothing after a stop', async () => {
    await append()
    stopWatching()
    await store.close()
    await open()
    expect(events).toEqual([])
  })

  it('that the last run ended badly, and what came back (unclean-start)', async () => {
    await append()
    await append()
    await crash()
    expect(events).toEqual([
      {
        ...{ kind: 'unclean-start', replayedBatches: 2, replayedBytes: expect.any(Number) },
        ...{ tornFrames: 0, tookMs: expect.any(Number) },
      },
    ])
  })

  it('the same when there was nothing to bring back', async () => {
    stopWatching()
    await store.close()
    await open(true)
    expect(events).toMatchObject([{ kind: 'unclean-start', replayedBatches: 0 }])
  })

  it('which partitions are not served (log-quarantined)', async () => {
    await append()
    stopWatching()
    await store.close()
    await open()
    await crash(async () => {
      const [segment = ''] = (await disk.list(DIRECTORY)).filter((name) => name.endsWith('.log'))
      await disk.remove(`${DIRECTORY}/${segment}`)
    })
    expect(events).toContainEqual({
      ...{ kind: 'log-quarantined', topic: 'orders', partition: 0, detail: expect.any(String) },
    })
    expect(log.state).toBe('quarantined')
  })
})

it('a round of reading again tells of damage (records-damaged)', async () => {
  for (let count = 0; count < 40; count++) {
    const appended = append()
    await time.settle()
    await appended
  }
  await time.advance(5_000)
  const [segment = ''] = (await disk.list(DIRECTORY)).filter((name) => name.endsWith('.log'))
  const file = await disk.open(`${DIRECTORY}/${segment}`, 'write')
  const byte = Buffer.alloc(1)
  await file.read(byte, 100)
  byte[0] = (byte[0] ?? 0) ^ 1
  await file.write([byte], 100)
  await file.close()
  await time.advance(2 * 3_600_000)
  expect(events[0]).toMatchObject({ kind: 'records-damaged', topic: 'orders', partition: 0 })
})
