import { describe, expect, test } from 'vitest'
import { createSimDisk } from '../../kit/testing.ts'
import { batchHeader } from '../../protocol/index.ts'
import type { KeyedRecord } from './compaction/testing.ts'
import { CompactedLog, fill, offsetsIn } from './compaction/testing.ts'

const MINUTE_MS = 60_000

describe('cleanup.policy', () => {
  test('compact keeps the latest record of each key, at its offset', async () => {
    const log = await new CompactedLog().open()
    await fill(log)
    const before = await log.recordsFrom(0)
    const { endOffset, sizeBytes } = log.log

    await log.clean()

    expect(await log.recordsFrom(0)).toEqual(before.slice(27))
    expect(await log.recordsFrom(12)).toEqual(before.slice(27))
    expect(log.log).toMatchObject({ logStartOffset: 0, endOffset, highWatermark: endOffset })
    expect(log.log.sizeBytes).toBeLessThan(sizeBytes / 5)
  })

  test('compact leaves the open segment as it is', async () => {
    const log = await new CompactedLog({ config: { segmentBytes: 1_000_000 } }).open()
    for (let i = 0; i < 5; i++) await log.append([{ key: 'k', value: `${i}` }])
    await log.flush()
    await log.clean()
    expect(await offsetsIn(log)).toEqual([0, 1, 2, 3, 4])
  })

  test('delete compacts nothing, and a change to compact compacts what was written before', async () => {
    const log = await new CompactedLog({
      config: { cleanup: { delete: true, compact: false } },
    }).open()
    await log.append([{ key: null, value: 'without a key' }])
    await fill(log)
    await log.clean()
    expect(await offsetsIn(log)).toHaveLength(32)

    log.configure({ cleanup: { delete: false, compact: true } })
    await log.clean()
    expect(await offsetsIn(log)).toEqual([28, 29, 30, 31])
  })

  test('compact,delete does both', async () => {
    const log = await new CompactedLog({
      config: { cleanup: { delete: true, compact: true }, retentionMs: 10 * MINUTE_MS },
    }).open()
    await fill(log)
    await log.sleep(8 * MINUTE_MS)
    await fill(log, 30)
    await log.clean()
    expect(await offsetsIn(log)).toEqual([30, 58, 59, 60, 61])

    // The oldest record that is left is from before the eight minutes.
    await log.sleep(4 * MINUTE_MS)
    await log.drive(log.store.maintenance.retain())
    const { logStartOffset } = log.log
    expect(logStartOffset).toBeGreaterThan(30)
    expect(await log.recordsFrom(logStartOffset)).toHaveLength(4)
    await log.sleep(8 * MINUTE_MS)
    await log.drive(log.store.maintenance.retain())
    expect(log.log.logStartOffset).toBe(62)
  })
})

describe('delete.retention.ms', () => {
  test('keeps a tombstone for so long after the cleaning that took what it deletes', async () => {
    const log = await new CompactedLog({ config: { deleteRetentionMs: 10 * MINUTE_MS } }).open()
    await log.append([{ key: 'a', value: '1' }])
    await log.append([{ key: 'b', value: '2' }])
    await log.append([{ key: 'a', value: null }])
    await log.roll()
    await log.sleep(60 * MINUTE_MS)

    await log.clean()
    expect(await offsetsIn(log)).toEqual([1, 2, 3])
    const [, tombstone] = await log.batchesFrom(0)
    const horizonMs = log.time.clock.now() + 10 * MINUTE_MS
    expect(tombstone && batchHeader.deleteHorizonMs(tombstone)).toBe(horizonMs)

    await log.roll()
    await log.sleep(8 * MINUTE_MS)
    await log.clean()
    expect(await offsetsIn(log)).toEqual([1, 2, 3, 4])
    await log.roll()
    await log.sleep(2 * MINUTE_MS)
    await log.clean()
    expect(await log.recordsFrom(0)).toEqual([
      { offset: 1, key: 'b', value: '2' },
      { offset: 4, key: 'roll', value: 'roll' },
      { offset: 5, key: 'roll', value: 'roll' },
    ])
  })

  test('counts from the pass that learned what is deleted', async () => {
    const log = await new CompactedLog({
      config: { deleteRetentionMs: MINUTE_MS },
      // One key fits in the map, and a pass takes seconds.
      settings: { mapBytes: 1, maxBytesPerSecond: 100 },
    }).open()
    await log.append([{ key: 'a', value: 'x'.repeat(40) }])
    await log.append([
      { key: 'b', value: '1' },
      { key: 'a', value: null },
    ])
    await log.roll()
    const startedMs = log.time.clock.now()
    await log.clean()
    const last = (await log.batchesFrom(0)).find((batch) => batchHeader.lastOffset(batch) === 2)
    expect(last && batchHeader.deleteHorizonMs(last)).toBeGreaterThan(startedMs + MINUTE_MS + 4_000)
  })

  test('may be as long as a config can say', async () => {
    const log = await new CompactedLog({
      config: { deleteRetentionMs: Number.MAX_SAFE_INTEGER },
    }).open()
    await log.append([{ key: 'a', value: null }])
    await log.roll()
    await log.clean()
    expect(log.store.stats.cleaner.failedCount).toBe(0)
    expect(await offsetsIn(log)).toEqual([0, 1])
  })
})

describe('when a log is compacted', () => {
  test('min.cleanable.dirty.ratio: when the dirty share is above it', async () => {
    const log = await new CompactedLog({ config: { minCleanableDirtyRatio: 0.5 } }).open()
    // A hundred keys stay, so that there is something clean.
    for (let i = 0; i < 100; i++) await log.append([{ key: `stays-${i}`, value: 'x'.repeat(40) }])
    await fill(log)
    await log.clean()
    expect(log.store.stats.cleaner).toMatchObject({ cleanedCount: 1, dirtyBytes: 0 })

    await fill(log)
    await log.clean()
    const { cleanedCount, maxDirtyRatio } = log.store.stats.cleaner
    expect(cleanedCount).toBe(1)
    expect(maxDirtyRatio).toBeGreaterThan(0.1)
    expect(maxDirtyRatio).toBeLessThan(0.5)

    log.configure({ minCleanableDirtyRatio: 0.1 })
    await log.clean()
    expect(log.store.stats.cleaner).toMatchObject({ cleanedCount: 2, maxDirtyRatio: 0 })
  })

  test('max.compaction.lag.ms: after so long, however small the share is', async () => {
    const log = await new CompactedLog({
      config: { minCleanableDirtyRatio: 1, maxCompactionLagMs: 10 * MINUTE_MS },
    }).open()
    await fill(log)
    await log.sleep(9 * MINUTE_MS)
    await log.clean()
    expect(log.store.stats.cleaner.cleanedCount).toBe(0)
    await log.sleep(2 * MINUTE_MS)
    await log.clean()
    expect(await offsetsIn(log)).toHaveLength(4)
  })

  test('max.compaction.lag.ms closes the open segment in time, too', async () => {
    const log = await new CompactedLog({ config: { maxCompactionLagMs: 10 * MINUTE_MS } }).open()
    await log.append([{ key: 'k', value: '1' }])
    await log.append([{ key: 'k', value: '2' }])
    await log.sleep(11 * MINUTE_MS)
    await log.append([{ key: 'k', value: '3' }])
    await log.flush()
    await log.clean()
    expect(await offsetsIn(log)).toEqual([1, 2])
  })

  test('min.compaction.lag.ms: nothing that is younger, nor what follows it', async () => {
    const log = await new CompactedLog({ config: { minCompactionLagMs: 10 * MINUTE_MS } }).open()
    await fill(log)
    await log.sleep(6 * MINUTE_MS)
    await fill(log, 30)
    await log.sleep(6 * MINUTE_MS)
    await log.clean()
    const offsets = await offsetsIn(log)
    expect(offsets.slice(0, 5)).toEqual([27, 28, 29, 30, 31])
    expect(offsets).toHaveLength(3 + 1 + 31)
    expect(log.log.endOffset).toBe(62)
  })

  test('not before a transaction in it is over', async () => {
    const producer = { id: 5n, epoch: 0, baseSequence: 0 }
    const log = await new CompactedLog().open()
    await fill(log)
    await log.append([{ key: 'k0', value: 'open' }], { isTransactional: true, producer })
    await log.roll()
    await log.clean()
    expect(await offsetsIn(log)).toEqual([27, 28, 29, 30, 31, 32])
    await log.mark('commit', producer)
    await log.clean()
    expect(await offsetsIn(log)).toEqual([28, 29, 30, 31, 32])
  })

  test('log.cleaner.backoff.ms: looked for in the background', async () => {
    const log = await new CompactedLog({ settings: { backoffMs: 5 * MINUTE_MS } }).open()
    await fill(log)
    await log.sleep(4 * MINUTE_MS)
    expect(await offsetsIn(log)).toHaveLength(31)
    await log.sleep(MINUTE_MS)
    expect(await offsetsIn(log)).toHaveLength(4)

    log.store.configureCleaner({ backoffMs: 1_000 })
    await log.append([{ key: 'k0', value: 'last' }])
    await log.roll()
    await log.sleep(3_000)
    expect(await offsetsIn(log)).toEqual([28, 29, 30, 31, 32])
  })

  test('log.cleaner.enable=false: never', async () => {
    const log = await new CompactedLog({ settings: { enabled: false } }).open()
    await fill(log)
    await log.clean()
    expect(await offsetsIn(log)).toHaveLength(31)
  })
})

describe('what compaction takes', () => {
  test('log.cleaner.io.max.bytes.per.second: time, which may change on the way', async () => {
    const log = await new CompactedLog({ settings: { maxBytesPerSecond: 100 } }).open()
    await fill(log)
    const cleaning = log.store.cleaner.cleanAll()
    await log.sleep(20_000)
    const spent = ioBytes(log)
    expect(spent).toBeGreaterThan(1_000)
    expect(spent).toBeLessThanOrEqual(20 * 100 + 512)

    log.store.configureCleaner({ maxBytesPerSecond: 1_000_000 })
    await log.sleep(1_000)
    await log.drive(cleaning)
    expect(await offsetsIn(log)).toHaveLength(4)
    expect(ioBytes(log)).toBeGreaterThan(spent)
  })

  test('log.cleaner.dedupe.buffer.size: memory; more keys take several passes', async () => {
    const fewPasses = await cleanedBytes({ mapBytes: 1_000_000 })
    const manyPasses = await cleanedBytes({ mapBytes: 24 * 3 })
    expect(manyPasses).toBeGreaterThan(fewPasses * 2)
  })

  test('log.cleaner.io.buffer.size: reads of that size, and larger ones for a larger batch', async () => {
    const small = await cleaningReads(128)
    const large = await cleaningReads(100_000)
    expect(large).toBe(2)
    expect(small).toBeGreaterThan(60)
  })

  test('only space that is there', async () => {
    const disk = createSimDisk({ seed: 1 })
    const log = await new CompactedLog({ disk }).open()
    await fill(log)
    const { totalBytes, freeBytes } = await disk.space('/data')
    disk.capacityBytes = totalBytes - freeBytes + 33_000
    await log.clean()
    expect(log.store.stats.cleaner).toMatchObject({ cleanedCount: 0, failedCount: 1 })
    disk.capacityBytes = totalBytes
    await log.clean()
    expect(await offsetsIn(log)).toHaveLength(4)
  })
})

function ioBytes(log: CompactedLog): number {
  const { readTotalBytes, writtenTotalBytes } = log.store.stats.cleaner
  return readTotalBytes + writtenTotalBytes
}

/** Reads of one segment, which is read twice. */
async function cleaningReads(bufferBytes: number): Promise<number> {
  const log = await new CompactedLog({
    config: { segmentBytes: 100_000 },
    settings: { bufferBytes },
  }).open()
  await log.append([{ key: 'large', value: 'x'.repeat(3_000) }])
  await fill(log)
  let reads = 0
  log.disk.plan = ({ kind, path }) => {
    if (kind === 'read' && path.endsWith('.log')) reads++
    return { kind: 'proceed' }
  }
  await log.clean()
  const counted = reads
  expect(log.store.stats.cleaner.failedCount).toBe(0)
  expect(await offsetsIn(log)).toEqual([0, 28, 29, 30, 31])
  return counted
}

async function cleanedBytes(settings: { mapBytes: number }): Promise<number> {
  const log = await new CompactedLog({ settings }).open()
  await log.append(many('kept', 12))
  await fill(log)
  await log.clean()
  expect(await offsetsIn(log)).toEqual([...Array(12).keys(), 39, 40, 41, 42])
  return ioBytes(log)
}

function many(name: string, count: number): KeyedRecord[] {
  return Array.from({ length: count }, (_, i) => ({ key: `${name}-${i}`, value: `${i}` }))
}
