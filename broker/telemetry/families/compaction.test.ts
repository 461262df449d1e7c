import { beforeAll, describe, expect, test } from 'vitest'
import { silentLogger, uuidFromBytes } from '../../../kit/index.ts'
import { createSimDisk, createSimTime } from '../../../kit/testing.ts'
import { batchHeader, encodeBatch } from '../../../protocol/index.ts'
import type { LogConfig } from '../../log/index.ts'
import { inlineJournalDevice, openLogStore } from '../../log/index.ts'
import { compactionFamilies } from './compaction.ts'

const TOPIC_ID = uuidFromBytes(Buffer.alloc(16, 3))
const SECOND_MS = 1_000

const COMPACTED: LogConfig = {
  cleanup: { delete: false, compact: true },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 1_000,
  segmentMs: 3_600 * SECOND_MS,
  deleteRetentionMs: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  minCleanableDirtyRatio: 0,
  timestampType: 'create',
  durability: 'disk',
}

/** Values by name at four moments: nothing written, dirty, compacted, and after damage. */
const seen: Record<'empty' | 'dirty' | 'compacted' | 'damaged', Map<string, number>> = {
  empty: new Map(),
  dirty: new Map(),
  compacted: new Map(),
  damaged: new Map(),
}

beforeAll(async () => {
  const time = createSimTime()
  const disk = createSimDisk({ seed: 1 })
  const { store } = await openLogStore({
    directory: '/data',
    ...{ disk, clock: time.clock, timers: time.timers, logger: silentLogger },
    journalDevice: inlineJournalDevice(disk),
    limits: { flushIntervalMs: SECOND_MS, checkpointIntervalMs: 3_600 * SECOND_MS },
    cleaner: { backoffMs: 30 * SECOND_MS, maxBytesPerSecond: 5_000 },
  })
  const spec = { topicId: TOPIC_ID, topicName: 'table', internal: false, config: COMPACTED }
  await store.create([0, 1].map((partition) => ({ ...spec, partition })))

  const look = (): Map<string, number> =>
    new Map(
      compactionFamilies(store).map((family) => {
        const [sample] = family.samples()
        return [family.name, sample && 'value' in sample ? sample.value : Number.NaN]
      }),
    )
  const fill = async (partition: number, batch = batchOf('key')): Promise<void> => {
    const log = store.find(TOPIC_ID, partition)
    if (log === undefined) throw new Error('the log is not there')
    for (const bytes of [batch, ...Array.from({ length: 40 }, () => batchOf('key'))]) {
      const appended = store.append([{ log, batch: bytes }], { acks: 'durable' })
      await time.settle()
      await appended
    }
  }
  seen.empty = look()
  await fill(0)
  await time.advance(5 * SECOND_MS)
  seen.dirty = look()
  await time.advance(60 * SECOND_MS)
  seen.compacted = look()

  await fill(0, undecodableBatch())
  await fill(1)
  await time.advance(5 * SECOND_MS)
  const file = await disk.open(`/data/topics/${TOPIC_ID}/1/00000000000000000000.log`, 'write')
  await file.write([Buffer.from([0xff])], 70)
  await time.advance(120 * SECOND_MS)
  seen.damaged = look()
})

function batchOf(key: string): Buffer {
  return encodeBatch([{ timestampMs: 1, key: Buffer.from(key), value: Buffer.alloc(50, 'x') }])
}

/** The last byte is the count of headers; the checksum is right. */
function undecodableBatch(): Buffer {
  const batch = batchOf('key')
  batch[batch.length - 1] = 0x7f
  batchHeader.setMaxTimestamp(batch, 1)
  return batch
}

describe('compaction', () => {
  test.each([
    ['glasslog_compactions_total', 'compacted'],
    ['glasslog_compaction_read_bytes_total', 'compacted'],
    ['glasslog_compaction_written_bytes_total', 'compacted'],
    ['glasslog_compaction_last_duration_seconds', 'compacted'],
    ['glasslog_compaction_replaced_bytes', 'compacted'],
    ['glasslog_compaction_dirty_bytes', 'dirty'],
    ['glasslog_compaction_max_dirty_ratio', 'dirty'],
    ['glasslog_compaction_failures_total', 'damaged'],
    ['glasslog_compaction_uncleanable_partitions', 'damaged'],
    ['glasslog_compaction_undecodable_batches_total', 'damaged'],
  ] as const)('%s moves', (name, moment) => {
    expect(seen.empty.get(name)).toBe(0)
    expect(seen[moment].get(name)).toBeGreaterThan(0)
  })

  test('what was dirty is compacted', () => {
    expect(seen.compacted.get('glasslog_compaction_dirty_bytes')).toBe(0)
    expect(seen.compacted.get('glasslog_compaction_max_dirty_ratio')).toBe(0)
    expect(seen.compacted.get('glasslog_compaction_failures_total')).toBe(0)
  })
})
