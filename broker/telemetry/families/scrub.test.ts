import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLogger, uuidFromBytes } from '../../../kit/index.ts'
import type { SimDisk, SimTime } from '../../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../../kit/testing.ts'
import { encodeBatch } from '../../../protocol/index.ts'
import type { DamagedSegment, LogConfig, OpenedLogStore } from '../../log/index.ts'
import { inlineJournalDevice, openLogStore } from '../../log/index.ts'
import { scrubFamilies } from './scrub.ts'

const TOPIC_ID = uuidFromBytes(Buffer.alloc(16, 3))
const DIRECTORY = `/data/topics/${TOPIC_ID}/0`

const CONFIG: LogConfig = {
  cleanup: { delete: false, compact: false },
  ...{ retentionMs: -1, retentionBytes: -1, segmentBytes: 1_000, segmentMs: 3_600_000 },
  ...{ deleteRetentionMs: 0, minCompactionLagMs: 0, minCleanableDirtyRatio: 0 },
  ...{ maxCompactionLagMs: Number.MAX_SAFE_INTEGER, timestampType: 'create', durability: 'disk' },
}

let time: SimTime
let disk: SimDisk
let store: OpenedLogStore['store']
let told: DamagedSegment[] = []

beforeEach(async () => {
  told = []
  time = createSimTime()
  disk = createSimDisk({ seed: 1 })
  const opened = await openLogStore({
    ...{ directory: '/data', disk, clock: time.clock, timers: time.timers, logger: silentLogger },
    journalDevice: inlineJournalDevice(disk),
    limits: {
      ...{ flushIntervalMs: 1_000, flushSyncBytes: 500, indexIntervalBytes: 100 },
      ...{ chunkBytes: 32_768, hotWindowBytes: 262_144, hotWindowReserveBytes: 32_768 },
      journalFileBytes: 131_072,
    },
    onDamage: (damage) => told.push(damage),
    scrub: { bytesPerSecond: 1_000_000, intervalMs: 3_600_000 },
  })
  store = opened.store
  const spec = { topicId: TOPIC_ID, partition: 0, topicName: 'orders', internal: false }
  await store.create([{ ...spec, config: CONFIG }])
  const log = store.find(TOPIC_ID, 0)
  if (!log) throw new Error('the log is not there')
  for (let count = 0; count < 40; count++) {
    const record = { timestampMs: 0, key: null, value: Buffer.alloc(100, 'x') }
    const appended = store.append([{ log, batch: encodeBatch([record]) }], { acks: 'durable' })
    await time.settle()
    await appended
  }
  await time.advance(5_000)
})
afterEach(() => store.close())

const values = (): Record<string, number> =>
  Object.fromEntries(
    scrubFamilies(store).map((family) => {
      const [sample] = family.samples()
      return [family.name, sample && 'value' in sample ? sample.value : NaN]
    }),
  )

async function flip(name: string, position: number): Promise<void> {
  const file = await disk.open(`${DIRECTORY}/${name}`, 'write')
  const byte = Buffer.alloc(1)
  await file.read(byte, position)
  byte[0] = (byte[0] ?? 0) ^ 1
  await file.write([byte], position)
  await file.close()
}

const closed = async (extension: string): Promise<readonly string[]> =>
  (await disk.list(DIRECTORY)).filter((name) => name.endsWith(extension)).slice(0, -1)

test('a round reads every closed segment', async () => {
  expect(values()).toEqual({
    glasslog_scrub_read_bytes_total: 0,
    glasslog_scrub_segments_total: 0,
    glasslog_scrub_errors_total: 0,
    glasslog_scrub_damaged_segments: 0,
    glasslog_scrub_repaired_indexes_total: 0,
    glasslog_scrub_last_completed_timestamp_seconds: 0,
  })
  await time.advance(120_000)
  const seen = values()
  expect(seen).toMatchObject({
    glasslog_scrub_errors_total: 0,
    glasslog_scrub_damaged_segments: 0,
    glasslog_scrub_repaired_indexes_total: 0,
  })
  expect(seen.glasslog_scrub_segments_total).toBe((await closed('.log')).length)
  expect(seen.glasslog_scrub_read_bytes_total).toBeGreaterThan(1_000)
  expect(seen.glasslog_scrub_last_completed_timestamp_seconds).toBeGreaterThan(0)
})

test('a flipped byte is found, told once, and found again', async () => {
  const [first = ''] = await closed('.log')
  await flip(first, 90)
  await time.advance(120_000)
  expect(values()).toMatchObject({
    glasslog_scrub_errors_total: 1,
    glasslog_scrub_damaged_segments: 1,
  })
  expect(store.stats.scrub.damaged).toMatchObject([{ topicName: 'orders', partition: 0 }])
  await time.advance(3_700_000)
  expect(values()).toMatchObject({
    glasslog_scrub_errors_total: 2,
    glasslog_scrub_damaged_segments: 1,
  })
  expect(told).toEqual([
    {
      topicName: 'orders',
      partition: 0,
      detail: expect.stringContaining(`0 of ${DIRECTORY}/${first}`),
    },
  ])
})

test('an index that does not agree is made anew', async () => {
  const [first = ''] = await closed('.index')
  await flip(first, 24 + 7)
  await time.advance(120_000)
  expect(values()).toMatchObject({
    glasslog_scrub_errors_total: 0,
    glasslog_scrub_repaired_indexes_total: 1,
  })
  expect(await disk.exists(`${DIRECTORY}/${first}`)).toBe(false)
})

test('nothing is read while it is switched off', async () => {
  store.configureScrubber({ bytesPerSecond: 0 })
  await time.advance(10_000_000)
  expect(values()).toMatchObject({
    glasslog_scrub_read_bytes_total: 0,
    glasslog_scrub_segments_total: 0,
  })
  store.configureScrubber({ bytesPerSecond: 1_000_000 })
  await time.advance(120_000)
  expect(values().glasslog_scrub_segments_total).toBeGreaterThan(0)
})
