import { describe, expect, test } from 'vitest'
import { batchHeader, encodeBatch } from '../../../protocol/index.ts'
import { CompactedLog, fill, offsetsIn } from './testing.ts'

const MINUTE_MS = 60_000

describe('transactions and producers', () => {
  const producer = { id: 5n, epoch: 2 }
  const inTransaction = (baseSequence: number) => ({
    isTransactional: true,
    producer: { ...producer, baseSequence },
  })

  test('records of aborted transactions go, and replace nothing', async () => {
    const log = await new CompactedLog().open()
    await log.append([{ key: 'a', value: 'before' }])
    await log.append([{ key: 'a', value: 'aborted' }], inTransaction(0))
    await log.mark('abort', producer)
    await log.append([{ key: 'b', value: 'committed' }], inTransaction(1))
    await log.mark('commit', producer)
    await log.roll()
    await log.clean()
    expect(await log.recordsFrom(0)).toEqual([
      { offset: 0, key: 'a', value: 'before' },
      { offset: 3, key: 'b', value: 'committed' },
      { offset: 5, key: 'roll', value: 'roll' },
    ])
    expect(await log.table()).toEqual({ a: 'before', b: 'committed', roll: 'roll' })
  })

  test('markers go after their transaction, and delete.retention.ms later', async () => {
    const log = await new CompactedLog({ config: { deleteRetentionMs: MINUTE_MS } }).open()
    await log.append([{ key: 'a', value: 'aborted' }], inTransaction(0))
    await log.mark('abort', producer)
    // The last batch of a producer stays as long as the producer is known.
    await log.append([{ key: 'a', value: 'later' }], inTransaction(1))
    await log.mark('commit', producer)
    await log.roll()
    const markers = async (): Promise<number[]> =>
      (await log.batchesFrom(0))
        .filter((b) => batchHeader.isControl(b))
        .map((b) => batchHeader.baseOffset(b))
    const aborted = async () =>
      (await log.readsFrom(0, 'committed')).flatMap((read) => read.aborted)

    await log.clean()
    expect(await markers()).toEqual([1, 3])
    expect(await aborted()).toEqual([{ producerId: 5n, firstOffset: 0 }])
    await log.roll()
    await log.clean()
    expect(await markers()).toEqual([1, 3])
    await log.sleep(MINUTE_MS)
    await log.roll()
    await log.clean()
    expect(await markers()).toEqual([3])
    expect(await aborted()).toEqual([])
    expect(await log.table()).toEqual({ a: 'later', roll: 'roll' })
  })

  test('an empty batch keeps the place of the last one of a producer', async () => {
    const log = await new CompactedLog().open()
    const batch = encodeBatch(
      [{ timestampMs: log.time.clock.now(), key: Buffer.from('k'), value: Buffer.from('1') }],
      { producer: { id: 9n, epoch: 0, baseSequence: 0 } },
    )
    await log.appendBatch(batch)
    await log.append([{ key: 'k', value: '2' }])
    await log.roll()
    await log.clean()
    const [first] = await log.batchesFrom(0)
    if (!first) throw new Error('nothing is left')
    expect(batchHeader.readBatchHeader(first)).toMatchObject({
      baseOffset: 0,
      producerId: 9n,
      recordCount: 0,
    })
    await log.checkpoint()
    await log.close()
    await log.open()
    const [again] = await log.drive(
      log.store.append([{ log: log.log, batch }], { acks: 'durable' }),
    )
    expect(again).toMatchObject({ kind: 'duplicate', baseOffset: 0 })
  })
})

describe('damage', () => {
  test('a batch that nobody can decode stays as it is, and so does what it would replace', async () => {
    const log = await new CompactedLog().open()
    await log.append([{ key: 'a', value: '1' }])
    await log.append([{ key: 'a', value: '2' }])
    await log.appendBatch(await undecodable(log))
    await fill(log)
    await log.clean()
    expect(log.store.stats.cleaner).toMatchObject({
      cleanedCount: 1,
      failedCount: 0,
      undecodableBatchCount: 1,
    })
    const offsets = (await log.batchesFrom(0)).map((batch) => batchHeader.baseOffset(batch))
    expect(offsets).toEqual([1, 2, 31, 32, 33, 34])
    const timestampMs = log.time.clock.now() + MINUTE_MS
    expect(await log.drive(log.store.findByTime(log.log, timestampMs))).toMatchObject({ offset: 2 })
  })

  test('a corrupt batch ends the compaction of its log until the next start, and is counted', async () => {
    const log = await new CompactedLog().open()
    await fill(log)
    const path = `/data/topics/${log.log.topicId}/0/${log.segmentFiles()[1]}`
    const file = await log.disk.open(path, 'write')
    const last = (await file.size()) - 1
    await file.write([Buffer.from([0xff])], last)
    await file.close()
    await log.clean()
    await log.clean()
    expect(log.store.stats.cleaner).toMatchObject({
      cleanedCount: 0,
      failedCount: 1,
      uncleanablePartitions: 1,
    })
    expect(await offsetsIn(log)).toHaveLength(31)
  })
})

/** A batch with key `a` whose second record says nonsense; the checksum is right. */
async function undecodable(log: CompactedLog): Promise<Uint8Array> {
  const timestampMs = log.time.clock.now() + 2 * MINUTE_MS
  const record = { timestampMs, key: Buffer.from('a'), value: Buffer.from('unreadable') }
  const batch = encodeBatch([record, { ...record, key: null }])
  batch[batch.length - 1] = 0x7f
  batchHeader.setMaxTimestamp(batch, timestampMs)
  return batch
}

describe('around a cleaning', () => {
  test('the old files go with the next checkpoint, and the new ones stay', async () => {
    const log = await new CompactedLog().open()
    await fill(log)
    await log.checkpoint()
    const before = await log.files()
    await log.clean()
    expect(await log.files()).toEqual(expect.arrayContaining(before))
    expect(log.store.stats.cleaner.replacedBytes).toBeGreaterThan(0)
    await log.checkpoint()
    expect((await log.files()).filter((name) => name.endsWith('.log'))).toEqual(log.segmentFiles())
    expect(log.store.stats.cleaner.replacedBytes).toBe(0)

    await log.close()
    await log.open()
    expect(await offsetsIn(log)).toHaveLength(4)
    await log.clean()
    expect(log.store.stats.cleaner.cleanedCount).toBe(0)
  })

  test('small segments become one', async () => {
    const log = await new CompactedLog({ config: { segmentBytes: 512 } }).open()
    await fill(log)
    expect(log.store.stats.segments).toBeGreaterThan(6)
    await log.clean()
    log.configure({ segmentBytes: 10_000 })
    await log.append([{ key: 'k0', value: 'last' }])
    await log.roll()
    await log.clean()
    expect(log.store.stats.segments).toBe(2)
    expect(await offsetsIn(log)).toEqual([28, 29, 30, 31, 32])
  })

  test('a time is found in what is left', async () => {
    const log = await new CompactedLog().open()
    const startMs = log.time.clock.now()
    for (let i = 0; i < 20; i++) {
      await log.append([{ key: `k${i % 4}`, value: 'x'.repeat(40), timestampMs: startMs + i * 10 }])
    }
    await log.append([{ key: 'k9', value: 'x', timestampMs: startMs + 5_000 }])
    await log.append([{ key: 'k9', value: 'y', timestampMs: startMs + 4_500 }])
    await log.roll()
    await log.clean()
    const find = (timestampMs: number) => log.drive(log.store.findByTime(log.log, timestampMs))
    expect(await find(startMs)).toMatchObject({ offset: 16, timestampMs: startMs + 160 })
    expect(await find(startMs + 175)).toMatchObject({ offset: 18 })
    expect(await find(startMs + 191)).toMatchObject({ offset: 21, timestampMs: startMs + 4_500 })
    expect(await log.drive(log.store.findMaxTimestamp(log.log))).toMatchObject({ offset: 21 })
  })

  test('the time of a record that is gone is not the latest any more', async () => {
    const log = await new CompactedLog().open()
    const startMs = log.time.clock.now()
    const producer = { id: 9n, epoch: 0, baseSequence: 0 }
    await log.append([{ key: 'k', value: '1', timestampMs: startMs + MINUTE_MS }], { producer })
    await log.append([{ key: 'k', value: '2' }])
    await log.roll()
    await log.clean()
    expect(await offsetsIn(log)).toEqual([1, 2])
    const latest = await log.drive(log.store.findMaxTimestamp(log.log))
    expect(latest).toMatchObject({ offset: 2 })
    expect(await log.drive(log.store.findByTime(log.log, startMs + MINUTE_MS))).toBeNull()
  })

  test('a trim during a cleaning wins', async () => {
    const log = await new CompactedLog({ settings: { maxBytesPerSecond: 100 } }).open()
    await fill(log)
    const cleaning = log.store.cleaner.cleanAll()
    await log.sleep(40_000)
    await log.drive(log.store.trim(log.log, 28))
    await log.drive(cleaning)
    expect(log.store.stats.cleaner.failedCount).toBe(0)
    expect(await log.recordsFrom(28)).toMatchObject([
      { offset: 28 },
      { offset: 29 },
      { offset: 30 },
    ])
    await log.clean()
    expect(log.log.logStartOffset).toBe(28)
    expect(await log.recordsFrom(28)).toHaveLength(3)
  })

  test('a drop during a cleaning leaves nothing', async () => {
    const log = await new CompactedLog({ settings: { maxBytesPerSecond: 100 } }).open()
    await fill(log)
    const { topicId } = log.log
    const cleaning = log.store.cleaner.cleanAll()
    await log.sleep(40_000)
    await log.drive(log.store.drop(topicId))
    await log.drive(cleaning)
    await log.checkpoint()
    expect(log.store.stats.cleaner.failedCount).toBe(0)
    expect(await log.disk.list('/data/topics')).toEqual([])
  })

  test('a stop during a cleaning does not wait for it', async () => {
    const log = await new CompactedLog({ settings: { maxBytesPerSecond: 1 } }).open()
    await fill(log)
    void log.store.cleaner.cleanAll()
    await log.sleep(10_000)
    await log.close()
    await log.open()
    expect(await offsetsIn(log)).toHaveLength(31)
  })
})
