import { beforeAll, describe, expect, it } from 'vitest'
import { silentLogger, uuidFromBytes } from '../../../kit/index.ts'
import { createSimDisk, createSimTime } from '../../../kit/testing.ts'
import { encodeBatch } from '../../../protocol/index.ts'
import type { AppendResult, LogConfig } from '../../log/index.ts'
import { inlineJournalDevice, openLogStore } from '../../log/index.ts'
import { storageFamilies } from './storage.ts'

/** The families of the storage engine on a disk whose syncs take a second of simulated time. */

const TOPIC_ID = uuidFromBytes(Buffer.alloc(16, 5))
const SECOND_MS = 1_000
const KIB = 1024

const KEPT: LogConfig = {
  cleanup: { delete: true, compact: false },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 1024 * KIB,
  segmentMs: 3_600 * SECOND_MS,
  deleteRetentionMs: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  minCleanableDirtyRatio: 0.5,
  timestampType: 'create',
  durability: 'disk',
}

type Values = ReadonlyMap<string, number>

const seen: Record<'empty' | 'appending' | 'crowded' | 'flushed', Values> = {
  empty: new Map(),
  appending: new Map(),
  crowded: new Map(),
  flushed: new Map(),
}

const batch = encodeBatch([{ timestampMs: 1, key: null, value: Buffer.alloc(20 * KIB, 'x') }])

beforeAll(async () => {
  const time = createSimTime()
  const disk = createSimDisk({ timers: time.timers })
  const { store } = await openLogStore({
    directory: '/data',
    ...{ disk, clock: time.clock, timers: time.timers, logger: silentLogger },
    journalDevice: inlineJournalDevice(disk),
    limits: {
      ...{ chunkBytes: 32 * KIB, hotWindowBytes: 128 * KIB, hotWindowReserveBytes: 32 * KIB },
      ...{ journalFileBytes: 256 * KIB, flushIntervalMs: SECOND_MS },
    },
  })
  const look = (): Values =>
    new Map(
      storageFamilies(store).map((family) => {
        const [sample] = family.samples()
        if (!sample) return [family.name, Number.NaN]
        return [family.name, 'value' in sample ? sample.value : sample.count]
      }),
    )
  seen.empty = look()
  await store.create([
    { topicId: TOPIC_ID, partition: 0, topicName: 'stored', internal: false, config: KEPT },
  ])
  const log = store.find(TOPIC_ID, 0)
  if (log === undefined) throw new Error('the log is not there')
  const append = (): Promise<readonly AppendResult[]> =>
    store.append([{ log, batch }], { acks: 'durable' })

  disk.plan = ({ kind }) =>
    kind === 'sync' ? { kind: 'proceed', delayMs: SECOND_MS } : { kind: 'proceed' }
  const first = append()
  await time.settle()
  seen.appending = look()
  const more = Array.from({ length: 20 }, append)
  await time.settle()
  seen.crowded = look()
  await time.advance(300 * SECOND_MS)
  await Promise.all([first, ...more])
  for (const offset of [0, 20]) {
    const limits = { maxBytes: 1, atLeastOne: true, isolation: 'uncommitted' as const }
    const reading = store.read([{ log, offset, maxBytes: 1 }], limits)
    await time.advance(SECOND_MS)
    ;(await reading).release()
  }
  seen.flushed = look()
})

describe('storage', () => {
  it.each([
    ['glasslog_journal_pending_appends', 'appending'],
    ['glasslog_journal_writes_total', 'flushed'],
    ['glasslog_journal_written_bytes_total', 'flushed'],
    ['glasslog_journal_fsync_duration_seconds', 'flushed'],
    ['glasslog_journal_pending_bytes', 'appending'],
    ['glasslog_segments_sync_duration_seconds', 'flushed'],
    ['glasslog_segments_syncs_total', 'flushed'],
    ['glasslog_segments_read_bytes_total', 'flushed'],
    ['glasslog_hot_window_unwritten_bytes', 'appending'],
    ['glasslog_hot_window_bytes', 'crowded'],
    ['glasslog_appends_waiting', 'crowded'],
    ['glasslog_appends_total', 'appending'],
    ['glasslog_segments', 'flushed'],
    ['glasslog_segments_written_bytes_total', 'flushed'],
    ['glasslog_checkpoints_total', 'flushed'],
    ['glasslog_reads_hot_total', 'flushed'],
    ['glasslog_reads_cold_total', 'flushed'],
    ['glasslog_journal_pressure_ratio', 'crowded'],
    ['glasslog_partitions', 'appending'],
  ] as const)('%s moves', (name, moment) => {
    const before = seen.empty.get(name) ?? Number.NaN
    expect(seen[moment].get(name)).toBeGreaterThan(before)
  })

  it('comes to rest', () => {
    expect(seen.flushed.get('glasslog_journal_pending_appends')).toBe(0)
    expect(seen.flushed.get('glasslog_appends_waiting')).toBe(0)
    expect(seen.flushed.get('glasslog_hot_window_unwritten_bytes')).toBe(0)
  })
})
