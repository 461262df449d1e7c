import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BatchBuilder,
  batchHeader,
  COMPRESSION_TYPES,
  decodeRecords,
  encodeBatch,
  RecordCursor,
  RecordsError,
  recompressBatch,
  validateBatch,
} from './index.ts'
import { anyRecord, anyRecords, plain } from './testing.ts'

const time = 1_600_000_000_000
const record = { timestampMs: time, key: Buffer.from('k'), value: Buffer.from('v') }

describe.each(COMPRESSION_TYPES)('a batch under %s', (compression) => {
  it('gives back the records it was given', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const batch = encodeBatch(records, { compression })
        expect(['ok', 'wrong-max-timestamp']).toContain(
          validateBatch(batch, { maxBatchBytes: 1_000_000 }).kind,
        )
        const decoded = [...decodeRecords(batch)]
        expect(decoded.map(plain)).toEqual(records.map(plain))
        expect(decoded.map(({ offset }) => offset)).toEqual(records.map((_, index) => index))
      }),
      { seed: 5, numRuns: 60 },
    )
  })

  it('moves to another codec without change', () => {
    const batch = encodeBatch([record, record], {
      compression,
      baseOffset: 40,
      leaderEpoch: 3,
      producer: { id: 7n, epoch: 1, baseSequence: 9 },
      isTransactional: true,
    })
    for (const other of COMPRESSION_TYPES) {
      const moved = recompressBatch(batch, other)
      expect(batchHeader.compressionType(moved)).toBe(other)
      expect(batchHeader.computeCrc(moved)).toBe(batchHeader.crc(moved))
      const same = { ...batchHeader.readBatchHeader(batch), batchLength: 0, crc: 0, compression: 0 }
      expect({
        ...batchHeader.readBatchHeader(moved),
        batchLength: 0,
        crc: 0,
        compression: 0,
      }).toEqual(same)
      expect([...decodeRecords(moved)].map(plain)).toEqual([record, record].map(plain))
      if (other === compression) expect(moved).toBe(batch)
    }
  })
})

describe('offsets', () => {
  it('keep the gaps that records bring', () => {
    const gaps = fc.array(fc.tuple(fc.nat(1_000_000), anyRecord), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(fc.nat(2 ** 31), gaps, (baseOffset, steps) => {
        let offset = baseOffset - 1
        const records = steps.map(([gap, input]) => {
          offset += 1 + gap
          return { ...input, offset }
        })
        const batch = encodeBatch(records, { baseOffset, lastOffset: offset + 3 })
        expect([...decodeRecords(batch)].map((decoded) => decoded.offset)).toEqual(
          records.map((input) => input.offset),
        )
        expect(batchHeader.baseOffset(batch)).toBe(baseOffset)
        expect(batchHeader.lastOffset(batch)).toBe(offset + 3)
      }),
      { seed: 6 },
    )
  })

  it.each([
    ['falls', { offset: 4 }],
    ['is before the base', { offset: 2 }],
    ['is more than 2^31 - 1 after the base', { offset: 3 + 2 ** 31 }],
    ['is no integer', { offset: 10.5 }],
  ])('refuse a record whose offset %s', (_, more) => {
    const builder = new BatchBuilder({ baseOffset: 3 })
    builder.append({ ...record, offset: 4 })
    expect(() => builder.append({ ...record, ...more })).toThrow(RangeError)
  })
})

describe('building', () => {
  it('tells count and size before compression', () => {
    const builder = new BatchBuilder({ compression: 'gzip' })
    expect([builder.recordCount, builder.sizeBytes]).toEqual([0, 61])
    builder.append(record)
    expect([builder.recordCount, builder.sizeBytes]).toEqual([1, 61 + 9])
  })

  it('refuses a batch of nothing', () => {
    expect(() => encodeBatch([])).toThrow(RangeError)
  })

  it('gives every record of a LogAppendTime batch the append time', () => {
    const records = [record, { ...record, timestampMs: time + 5 }]
    const batch = encodeBatch(records, { logAppendTimeMs: time + 99 })
    expect([...decodeRecords(batch)].map((decoded) => decoded.timestampMs)).toEqual([
      time + 99,
      time + 99,
    ])
    const stamped = encodeBatch(records)
    batchHeader.setLogAppendTime(stamped, time + 77)
    expect([...decodeRecords(stamped)].map((decoded) => decoded.timestampMs)).toEqual([
      time + 77,
      time + 77,
    ])
  })
})

describe('records that contradict themselves', () => {
  const batch = encodeBatch([{ ...record, headers: [{ key: 'h', value: Buffer.from('x') }] }])
  // Positions in a batch of one record: 61 length, 62 attributes, 63 timestamp, 64 offset, 65 key
  // length, 66 key, 67 value length, 68 value, 69 header count, 70 header key length, 71 header key,
  // 72 header value length, 73 header value.
  it.each([
    ['ends before its length says', 61, 13 * 2],
    ['goes on after its length says', 61, 11 * 2],
    ['has a negative length', 61, 1],
    ['has an offset outside of the batch', 64, 2],
    ['has an offset before the batch', 64, 1],
    ['has a key past its end', 65, 126],
    ['has a value past its end', 67, 126],
    ['has more headers than bytes', 69, 126],
    ['has fewer headers than bytes', 69, 0],
    ['has a negative number of headers', 69, 1],
    ['has a header without a key', 70, 1],
    ['has a header value past its end', 72, 126],
  ])('a record that %s', (_, at, value) => {
    const damaged = Buffer.from(batch)
    damaged[at] = value
    expect(() => [...decodeRecords(damaged)]).toThrow(
      expect.objectContaining({ name: 'RecordsError', kind: 'invalid-record' }),
    )
  })

  it('records whose offsets do not rise', () => {
    const two = encodeBatch([record, record])
    // The second record's offset delta, 3 bytes into it.
    two[61 + 9 + 3] = 0
    expect(() => [...decodeRecords(two)]).toThrow(
      expect.objectContaining({ name: 'RecordsError', kind: 'invalid-record' }),
    )
  })

  it.each([7, 9])('a record of 8 bytes in the middle that says to have %i', (bodyBytes) => {
    const two = encodeBatch([record, record])
    two[61] = bodyBytes * 2
    expect(() => [...decodeRecords(two)]).toThrow(
      expect.objectContaining({ name: 'RecordsError', kind: 'invalid-record' }),
    )
  })

  it('more records than the header counts', () => {
    const two = encodeBatch([record, record])
    two.writeInt32BE(1, 57)
    expect(() => [...decodeRecords(two)]).toThrow(
      expect.objectContaining({ name: 'RecordsError', kind: 'invalid-record' }),
    )
  })

  it('a record whose last length does not end', () => {
    const damaged = Buffer.from(batch).fill(0xff, 72)
    expect(() => [...decodeRecords(damaged)]).toThrow(
      expect.objectContaining({ name: 'RecordsError', kind: 'invalid-record' }),
    )
  })

  it('counts that no payload can hold are refused before a record is looked at', () => {
    const damaged = Buffer.from(batch)
    damaged.writeInt32BE(0x7fff_ffff, 57)
    expect(() => new RecordCursor(damaged)).toThrow(RecordsError)
    damaged.writeInt32BE(-1, 57)
    expect(() => new RecordCursor(damaged)).toThrow(RecordsError)
  })

  it('times past the last that can be stored are refused', () => {
    const far = Buffer.from(encodeBatch([{ ...record, timestampMs: 2 ** 52 }]))
    far[63] = 4
    expect(() => [...decodeRecords(far)]).toThrow(
      expect.objectContaining({ kind: 'invalid-timestamp' }),
    )
  })

  it('records that grow past the cap are too large', () => {
    const large = encodeBatch([{ ...record, value: Buffer.alloc(100_000) }], {
      compression: 'zstd',
    })
    expect(() => [...decodeRecords(large, { maxDecompressedBytes: 99_999 })]).toThrow(
      expect.objectContaining({ kind: 'too-large' }),
    )
  })
})
