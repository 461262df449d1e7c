import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type {
  LogConfig,
  LogStoreLimits,
  OpenedLogStore,
  PartitionLog,
} from '../../broker/log/index.ts'
import { openLogStore, workerJournalDevice } from '../../broker/log/index.ts'
import type { Random } from '../../kit/index.ts'
import {
  openRealDisk,
  seededRandom,
  silentLogger,
  systemClock,
  systemTimers,
  uuidFromBytes,
} from '../../kit/index.ts'
import { batchHeader, encodeBatch } from '../../protocol/index.ts'

/**
 * The engine on a real disk and real threads, with limits so small that everything happens all the
 * time: waiting for room, journal files and chunks used again, flushes, checkpoints, retention, file
 * descriptors and indexes pushed out. Readers check every byte they get, some of them again after
 * holding on to it; at the end all that was acknowledged must be there, before and after a restart.
 */
const KIB = 1024
const LIMITS: Partial<LogStoreLimits> = {
  chunkBytes: 64 * KIB,
  hotWindowBytes: 1024 * KIB,
  hotWindowReserveBytes: 128 * KIB,
  journalFileBytes: 512 * KIB,
  journalMaxFiles: 6,
  flushIntervalMs: 200,
  flushWriteBytes: 32 * KIB,
  flushSyncBytes: 128 * KIB,
  checkpointIntervalMs: 400,
  indexIntervalBytes: KIB,
  indexCacheBytes: 16 * KIB,
  maxOpenFiles: 12,
  readChunkBytes: 8 * KIB,
  retentionCheckMs: 300,
  minFreeBytes: 0,
}
const CONFIG: LogConfig = {
  cleanup: { delete: true, compact: false },
  retentionMs: -1,
  // A partition gets about 600 KiB: some go over this whatever the dice say.
  retentionBytes: 400 * KIB,
  segmentBytes: 128 * KIB,
  segmentMs: 3_600_000,
  deleteRetentionMs: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: 60_000,
  minCleanableDirtyRatio: 0.5,
  timestampType: 'create',
  durability: 'disk',
}
const TOPIC_ID = uuidFromBytes(Buffer.alloc(16, 7))
const PARTITIONS = 40
const WRITERS = 24
const READERS = 8
const CALLS_PER_WRITER = 40

/** Some larger than a chunk, most small. */
const BATCHES = Array.from({ length: 64 }, (_, index) => {
  const valueBytes =
    index === 0 ? 150 * KIB : index < 4 ? 50 * KIB : index < 20 ? 6_000 : 10 * index
  const value = Buffer.alloc(valueBytes, index + 1)
  return encodeBatch(
    Array.from({ length: 1 + (index % 3) }, () => ({ timestampMs: 1_000, key: null, value })),
    {},
  )
})

let directory: string
let store: OpenedLogStore['store']
let logs: PartitionLog[]
/** Of each partition: base offset and checksum of what was acknowledged. */
let acknowledged: Map<number, number>[]
let random: Random
let isWriting: boolean

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'glasslog-threads-'))
  acknowledged = Array.from({ length: PARTITIONS }, () => new Map())
  random = seededRandom(20)
  isWriting = true
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function open(): Promise<void> {
  const opened = await openLogStore({
    directory,
    disk: openRealDisk(),
    clock: systemClock,
    timers: systemTimers,
    logger: silentLogger,
    journalDevice: workerJournalDevice,
    limits: LIMITS,
  })
  expect(opened.recovery.quarantined).toEqual([])
  store = opened.store
  await store.create(
    Array.from({ length: PARTITIONS }, (_, partition) => ({
      topicId: TOPIC_ID,
      partition,
      topicName: 'shared',
      config: { ...CONFIG, durability: partition % 7 === 0 ? 'os' : 'disk' },
      internal: partition === 1,
    })),
  )
  logs = Array.from({ length: PARTITIONS }, (_, partition) => logOf(partition))
}

function logOf(partition: number): PartitionLog {
  const log = store.find(TOPIC_ID, partition)
  if (log === undefined) throw new Error(`no partition ${partition}`)
  return log
}

function pick<Item>(items: readonly Item[]): Item {
  const item = items[random.below(items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

async function write(): Promise<void> {
  for (let call = 0; call < CALLS_PER_WRITER; call++) {
    const entries = Array.from({ length: 1 + random.below(4) }, () => ({
      log: pick(logs),
      batch: pick(BATCHES),
    }))
    const acks = random.below(5) === 0 ? 'written' : 'durable'
    const atomic = random.below(10) === 0
    const results = await store.append(entries, { acks, atomic })
    for (const [index, result] of results.entries()) {
      const entry = entries[index]
      if (result.kind !== 'appended' || !entry) throw new Error(`answered ${result.kind}`)
      const known = acknowledged[entry.log.partition]
      if (known?.has(result.baseOffset)) throw new Error(`offset ${result.baseOffset} given twice`)
      known?.set(result.baseOffset, batchHeader.crc(entry.batch, 0))
    }
  }
}

/** Reads near the end or anywhere, a few partitions at a time, and holds on to some of what it got. */
async function read(farBack: boolean): Promise<void> {
  while (isWriting) {
    const requests = Array.from({ length: 1 + random.below(6) }, () => {
      const log = pick(logs)
      const span = log.highWatermark - log.logStartOffset
      const back = random.below((farBack ? span : Math.min(span, 30)) + 1)
      return { log, offset: log.highWatermark - back, maxBytes: 20_000 + random.below(200_000) }
    })
    const isolation = random.below(2) === 0 ? 'committed' : 'uncommitted'
    const result = await store.read(requests, { maxBytes: 300_000, atLeastOne: true, isolation })
    for (let look = random.below(30) === 0 ? 20 : 1; look > 0; look--) {
      for (const [index, one] of result.partitions.entries()) {
        const request = requests[index]
        if (request === undefined) throw new Error('more answers than requests')
        if (one.kind === 'records') checkBatches(request.log, request.offset, one.pieces)
        else if (request.offset >= request.log.logStartOffset) throw new Error(`read: ${one.kind}`)
      }
      await setImmediate()
    }
    result.release()
  }
}

/** Whole, sound, in order, without a gap, and as they were acknowledged. Answers the offset after them. */
function checkBatches(log: PartitionLog, from: number, pieces: readonly Uint8Array[]): number {
  const bytes = Buffer.concat(pieces)
  let next = -1
  for (let at = 0; at < bytes.length; at += batchHeader.batchSizeBytes(bytes, at)) {
    const base = batchHeader.baseOffset(bytes, at)
    const last = batchHeader.lastOffset(bytes, at)
    const crc = batchHeader.crc(bytes, at)
    const known = acknowledged[log.partition]?.get(base) ?? crc
    const isSound = batchHeader.computeCrc(bytes, at) === crc && known === crc
    const isNext = next < 0 ? base <= from && last >= from : base === next
    if (!isSound || !isNext) throw new Error(`offset ${base} of ${log.partition}, from ${from}`)
    next = last + 1
  }
  return next
}

async function checkEverything(): Promise<void> {
  for (const log of logs) {
    for (let offset = log.logStartOffset; offset < log.highWatermark; ) {
      const result = await store.read([{ log, offset, maxBytes: 300_000 }], {
        maxBytes: 300_000,
        atLeastOne: true,
        isolation: 'uncommitted',
      })
      const [one] = result.partitions
      if (one?.kind !== 'records' || one.sizeBytes === 0) throw new Error(`nothing at ${offset}`)
      offset = checkBatches(log, offset, one.pieces)
      result.release()
    }
    const lastKnown = Math.max(-1, ...(acknowledged[log.partition]?.keys() ?? []))
    expect(log.highWatermark).toBeGreaterThan(lastKnown)
  }
}

it('keeps every byte in its place while threads, files and memory turn over', async () => {
  await open()
  const readers = Array.from({ length: READERS }, (_, index) => read(index % 2 === 0))
  const writers = Array.from({ length: WRITERS }, write)
  await Promise.all([...readers, Promise.all(writers).finally(() => (isWriting = false))])
  const { stats } = store
  expect(stats.checkpointCount).toBeGreaterThan(3)
  expect(stats.reads.hotCount).toBeGreaterThan(0)
  expect(stats.reads.coldCount).toBeGreaterThan(0)
  expect(stats.hotWindow.retiredBytes).toBe(0)
  expect(stats.hotWindow.sizeBytes).toBeLessThan(2 * 1024 * KIB)
  expect(logs.some(({ logStartOffset }) => logStartOffset > 0)).toBe(true)
  await checkEverything()
  await store.close()
  await open()
  await checkEverything()
  await store.close()
}, 120_000)
