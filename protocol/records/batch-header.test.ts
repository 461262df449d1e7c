import { describe, expect, it } from 'vitest'
import { encodeBatch } from './batch-builder.ts'
import { addToSequence, batchHeader, readBatchHeader, validateBatch } from './index.ts'

const time = 1_600_000_000_000
const records = [
  { timestampMs: time, key: null, value: Buffer.from('a') },
  { timestampMs: time + 10, key: null, value: Buffer.from('b') },
]
const options = {
  baseOffset: 2 ** 40 + 5,
  leaderEpoch: 9,
  producer: { id: 2n ** 62n + 1n, epoch: 32_767, baseSequence: 7 },
  isTransactional: true,
}

/** A batch that does not begin where its memory begins. */
function batchAt(at: number): Buffer {
  return Buffer.concat([Buffer.alloc(at, 0xff), encodeBatch(records, options)])
}

describe('fields in place', () => {
  it('reads every field wherever the batch begins', () => {
    const bytes = batchAt(13)
    expect(readBatchHeader(bytes, 13)).toEqual({
      baseOffset: 2 ** 40 + 5,
      batchLength: bytes.length - 13 - 12,
      partitionLeaderEpoch: 9,
      magic: 2,
      crc: batchHeader.computeCrc(bytes, 13),
      compression: 'none',
      isLogAppendTime: false,
      isTransactional: true,
      isControl: false,
      deleteHorizonMs: null,
      lastOffsetDelta: 1,
      baseTimestamp: time,
      maxTimestamp: time + 10,
      producerId: 2n ** 62n + 1n,
      producerEpoch: 32_767,
      baseSequence: 7,
      recordCount: 2,
    })
    expect(batchHeader.lastOffset(bytes, 13)).toBe(2 ** 40 + 6)
    expect(batchHeader.lastSequence(bytes, 13)).toBe(8)
    expect(batchHeader.hasProducerId(bytes, 13)).toBe(true)
  })

  it('has no producer, sequence or epoch unless given', () => {
    const bytes = encodeBatch(records)
    expect(batchHeader.producerId(bytes)).toBe(-1n)
    expect(batchHeader.hasProducerId(bytes)).toBe(false)
    expect(batchHeader.producerEpoch(bytes)).toBe(-1)
    expect(batchHeader.lastSequence(bytes)).toBe(-1)
    expect(batchHeader.partitionLeaderEpoch(bytes)).toBe(-1)
  })

  it('patches offset and epoch without touching what the checksum covers', () => {
    const bytes = batchAt(5)
    const crc = batchHeader.crc(bytes, 5)
    batchHeader.setBaseOffset(bytes, 2 ** 50 + 1, 5)
    batchHeader.setLeaderEpoch(bytes, 77, 5)
    expect(batchHeader.baseOffset(bytes, 5)).toBe(2 ** 50 + 1)
    expect(batchHeader.partitionLeaderEpoch(bytes, 5)).toBe(77)
    expect(batchHeader.crc(bytes, 5)).toBe(crc)
    expect(batchHeader.computeCrc(bytes, 5)).toBe(crc)
  })

  it('stamps the append time and a new checksum, and leaves its neighbours alone', () => {
    const bytes = Buffer.concat([batchAt(5), Buffer.alloc(4, 0xee)])
    const size = batchHeader.batchSizeBytes(bytes, 5)
    batchHeader.setLogAppendTime(bytes, time + 99, 5)
    expect(batchHeader.isLogAppendTime(bytes, 5)).toBe(true)
    expect(batchHeader.isTransactional(bytes, 5)).toBe(true)
    expect(batchHeader.maxTimestamp(bytes, 5)).toBe(time + 99)
    expect(batchHeader.baseTimestamp(bytes, 5)).toBe(time)
    expect(batchHeader.crc(bytes, 5)).toBe(batchHeader.computeCrc(bytes, 5))
    expect(bytes.toString('hex', 5 + size)).toBe('eeeeeeee')
    expect(bytes.toString('hex', 0, 5)).toBe('ffffffffff')
  })

  it('works on memory that threads share', () => {
    const batch = encodeBatch(records)
    const shared = Buffer.from(new SharedArrayBuffer(batch.length))
    shared.set(batch)
    expect(batchHeader.computeCrc(shared)).toBe(batchHeader.crc(batch))
    expect(validateBatch(shared, { maxBatchBytes: 1000 })).toEqual({ kind: 'ok' })
  })
})

describe('sequences', () => {
  it.each([
    [0, 0, 0],
    [2 ** 31 - 2, 1, 2 ** 31 - 1],
    [2 ** 31 - 1, 1, 0],
    [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 2],
  ])('%i and %i steps is %i', (sequence, steps, sum) => {
    expect(addToSequence(sequence, steps)).toBe(sum)
  })

  it('wraps within a batch', () => {
    const producer = { id: 1n, epoch: 0, baseSequence: 2 ** 31 - 1 }
    expect(batchHeader.lastSequence(encodeBatch(records, { producer }))).toBe(0)
  })
})
