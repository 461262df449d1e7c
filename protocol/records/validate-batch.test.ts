import { describe, expect, it } from 'vitest'
import type { BatchOptions } from './batch-builder.ts'
import { encodeBatch } from './batch-builder.ts'
import { writeBatchHeader } from './batch-header.ts'
import type { BatchLimits } from './index.ts'
import {
  batchEnd,
  batchesIn,
  batchHeader,
  COMPRESSION_TYPES,
  decodeRecords,
  mendMaxTimestamp,
  RecordsError,
  readBatchHeader,
  validateBatch,
} from './index.ts'

const time = 1_600_000_000_000
const limits: BatchLimits = { maxBatchBytes: 10_000 }

function batchOf(options: BatchOptions = {}): Buffer {
  const value = Buffer.alloc(50, 'v')
  return encodeBatch(
    [0, 1, 2].map((step) => ({ timestampMs: time + step, key: null, value })),
    options,
  )
}

type Fields = Parameters<typeof writeBatchHeader>[1]

/** The batch with other header fields and the checksum that fits them. */
function altered(fields: Partial<Fields>, options: BatchOptions = {}): Buffer {
  const batch = batchOf(options)
  const header = readBatchHeader(batch)
  writeBatchHeader(batch, {
    ...header,
    leaderEpoch: header.partitionLeaderEpoch,
    attributes: batchHeader.attributes(batch),
    ...fields,
  })
  return batch
}

const withProducer = { producer: { id: 5n, epoch: 0, baseSequence: 0 } }

describe('a batch from a producer', () => {
  it.each(COMPRESSION_TYPES)('is fine under %s', (compression) => {
    const options = { compression, ...withProducer, isTransactional: true }
    expect(validateBatch(batchOf(options), limits)).toEqual({ kind: 'ok' })
  })

  it.each<[string, string, Uint8Array, Partial<BatchLimits>]>([
    ['corrupt', 'nothing', Buffer.alloc(0), {}],
    ['corrupt', 'less than a header', batchOf().subarray(0, 60), {}],
    ['corrupt', 'a cut-off batch', batchOf().subarray(0, -1), {}],
    ['corrupt', 'a wrong bit', flipped(batchOf(), 100), {}],
    ['corrupt', 'an unknown magic', put(batchOf(), 16, 3), {}],
    ['corrupt', 'a negative length', put(batchOf(), 8, 0xff), {}],
    ['unsupported-magic', 'magic 1', put(batchOf(), 16, 1), {}],
    ['unsupported-magic', 'a short message of magic 0', put(Buffer.alloc(30), 16, 0), {}],
    ['invalid-record', 'two batches', Buffer.concat([batchOf(), batchOf()]), {}],
    ['too-large', 'more than the limit', batchOf(), { maxBatchBytes: batchOf().length - 1 }],
    ['unsupported-compression', 'an unknown codec', altered({ attributes: 5 }), {}],
    [
      'unsupported-compression',
      'zstd too early',
      batchOf({ compression: 'zstd' }),
      { allowZstd: false },
    ],
    ['invalid-record', 'a base offset', batchOf({ baseOffset: 1 }), {}],
    ['invalid-record', 'no records', altered({ recordCount: 0, lastOffsetDelta: -1 }), {}],
    ['invalid-record', 'a negative count', altered({ recordCount: -1 }), {}],
    ['invalid-record', 'a count below the offsets', altered({ recordCount: 2 }), {}],
    ['invalid-record', 'offsets below the count', altered({ lastOffsetDelta: 1 }), {}],
    [
      'invalid-record',
      'more records than seven bytes each allow',
      altered({ recordCount: 30, lastOffsetDelta: 29 }),
      {},
    ],
    ['invalid-record', 'a control batch', batchOf({ ...withProducer, isControl: true }), {}],
    ['invalid-record', 'a delete horizon', batchOf({ deleteHorizonMs: time }), {}],
    ['invalid-record', 'transactional without a producer', batchOf({ isTransactional: true }), {}],
    [
      'invalid-record',
      'a producer without epoch',
      altered({ producerEpoch: -1 }, withProducer),
      {},
    ],
    [
      'invalid-record',
      'a producer without sequence',
      altered({ baseSequence: -1 }, withProducer),
      {},
    ],
    ['invalid-timestamp', 'LogAppendTime', batchOf({ logAppendTimeMs: time }), {}],
    ['invalid-timestamp', 'a time below -1', altered({ baseTimestamp: -2 }), {}],
    ['invalid-timestamp', 'a time beyond 2^52', altered({ maxTimestamp: 2 ** 52 + 1 }), {}],
    ['wrong-max-timestamp', 'a maximum below the base', altered({ maxTimestamp: time - 1 }), {}],
  ])('is %s with %s', (kind, _, bytes, more) => {
    expect(validateBatch(bytes, { ...limits, ...more }).kind).toBe(kind)
  })

  it('may be a control batch when a coordinator made it', () => {
    const producer = { id: 5n, epoch: 0, baseSequence: -1 }
    const marker = batchOf({ producer, isControl: true, isTransactional: true })
    expect(validateBatch(marker, { ...limits, origin: 'coordinator' })).toEqual({ kind: 'ok' })
  })

  it('needs no sequence, whatever it says, without a producer id', () => {
    expect(validateBatch(altered({ baseSequence: 0, producerEpoch: 0 }), limits).kind).toBe('ok')
  })

  it('is mended when its maximum is the last time instead of the latest', () => {
    const wrong = altered({ maxTimestamp: time - 1 })
    const mended = mendMaxTimestamp(wrong)
    expect(validateBatch(mended, limits)).toEqual({ kind: 'ok' })
    expect(batchHeader.maxTimestamp(mended)).toBe(time + 2)
    expect([...decodeRecords(mended)]).toEqual([...decodeRecords(wrong)])
  })
})

function flipped(bytes: Buffer, at: number): Buffer {
  return put(bytes, at, (bytes[at] ?? 0) ^ 1)
}

function put(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value
  return bytes
}

describe('several batches in a buffer', () => {
  const [first, second] = [batchOf(), batchOf({ compression: 'gzip', baseOffset: 3 })]
  const both = Buffer.concat([first, second])

  it('come one after the other', () => {
    expect([...batchesIn(both)].map((batch) => batch.length)).toEqual([first.length, second.length])
    expect([...batchesIn(Buffer.alloc(0))]).toEqual([])
  })

  it('end before a partial one, wherever it is cut', () => {
    for (let length = first.length; length < both.length; length++) {
      expect([...batchesIn(both.subarray(0, length))]).toHaveLength(1)
    }
    expect(batchEnd(both, first.length)).toBe(both.length)
    expect(batchEnd(both.subarray(0, -1), first.length)).toBe(-1)
  })

  it.each([
    ['corrupt', 'a length below a header', Buffer.alloc(80)],
    ['unsupported-magic', 'a message of magic 1', put(batchOf(), 16, 1)],
  ])('are %s with %s', (kind, _, next) => {
    const walk = (): unknown => [...batchesIn(Buffer.concat([first, next]))]
    expect(walk).toThrow(expect.objectContaining({ name: 'RecordsError', kind }))
    expect(walk).toThrow(RecordsError)
  })
})
