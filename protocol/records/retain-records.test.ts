import { describe, expect, it } from 'vitest'
import {
  batchHeader,
  COMPRESSION_TYPES,
  decodeRecords,
  emptyBatch,
  encodeBatch,
  readBatchHeader,
  retainRecords,
} from './index.ts'
import { plain } from './testing.ts'

const time = 1_600_000_000_000
const records = [0, 1, 2, 3, 4].map((step) => ({
  timestampMs: time - step * 1000,
  key: Buffer.from(`key-${step}`),
  value: step === 3 ? null : Buffer.from(`value-${step}`),
  headers: [{ key: 'step', value: Buffer.from([step]) }],
}))
const options = {
  baseOffset: 100,
  leaderEpoch: 4,
  producer: { id: 5n, epoch: 1, baseSequence: 2 ** 31 - 2 },
  isTransactional: true,
}

describe.each(COMPRESSION_TYPES)('compaction of a batch under %s', (compression) => {
  const batch = encodeBatch(records, { ...options, compression })

  it('keeps what identifies the batch and the records that stay', () => {
    const kept = retainRecords(batch, (record) => record.offset % 2 === 1)
    if (kept === null) throw new Error('records 101 and 103 stay')
    const before = readBatchHeader(batch)
    const after = readBatchHeader(kept)
    expect(after).toEqual({
      ...before,
      batchLength: kept.length - 12,
      crc: batchHeader.computeCrc(kept),
      baseTimestamp: time - 1000,
      maxTimestamp: time - 1000,
      recordCount: 2,
    })
    expect(batchHeader.lastSequence(kept)).toBe(batchHeader.lastSequence(batch))
    const decoded = [...decodeRecords(kept)]
    expect(decoded.map(({ offset }) => offset)).toEqual([101, 103])
    expect(decoded.map(plain)).toEqual(
      [records[1], records[3]].map((record) => record && plain(record)),
    )
  })

  it('sets a delete horizon once and keeps all times', () => {
    const first = retainRecords(batch, () => true, { deleteHorizonMs: time + 50_000 })
    if (first === null) throw new Error('all records stay')
    expect(batchHeader.deleteHorizonMs(first)).toBe(time + 50_000)
    expect([...decodeRecords(first)].map(plain)).toEqual(records.map(plain))
    expect(batchHeader.maxTimestamp(first)).toBe(time)

    const second = retainRecords(first, () => true, { deleteHorizonMs: time + 90_000 })
    expect(second).toBe(first)
    const third = retainRecords(first, (record) => record.valueBytes >= 0)
    if (third === null) throw new Error('four records stay')
    expect(batchHeader.deleteHorizonMs(third)).toBe(time + 50_000)
  })

  it('answers the same bytes when nothing changes, and null when nothing stays', () => {
    expect(retainRecords(batch, () => true)).toBe(batch)
    expect(retainRecords(batch, () => false)).toBeNull()
  })

  it('leaves an empty batch that keeps offsets and sequences', () => {
    const empty = emptyBatch(batch)
    expect(empty.length).toBe(61)
    expect(readBatchHeader(empty)).toEqual({
      ...readBatchHeader(batch),
      batchLength: 49,
      crc: batchHeader.computeCrc(empty),
      compression: 'none',
      baseTimestamp: -1,
      recordCount: 0,
    })
    expect([...decodeRecords(empty)]).toEqual([])
    expect(retainRecords(empty, () => true)).toBeNull()
  })
})

it('keeps the append time of a LogAppendTime batch', () => {
  const batch = encodeBatch(records, { ...options, logAppendTimeMs: time + 7 })
  const kept = retainRecords(batch, (record) => record.offset === 104)
  if (kept === null) throw new Error('record 104 stays')
  expect(batchHeader.isLogAppendTime(kept)).toBe(true)
  expect([...decodeRecords(kept)].map((record) => record.timestampMs)).toEqual([time + 7])
})
