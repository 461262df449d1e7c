import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CompressionType } from '../compression/index.ts'
import { compress, compressionTypeId, decompress } from '../compression/index.ts'
import { GrowingBuffer } from './growing-buffer.ts'
import type { OldMagic, RecordInput } from './index.ts'
import {
  batchHeader,
  crc32,
  decodeMessageSet,
  decodeRecords,
  emptyBatch,
  encodeBatch,
  encodeEndTransactionMarker,
  fromMessageSet,
  RecordsError,
  retainRecords,
  toMessageSet,
  validateBatch,
} from './index.ts'
import type { Message } from './message.ts'
import { writeMessage } from './message.ts'
import { anyRecords, plain } from './testing.ts'

const time = 1_600_000_000_000
const oldCodecs = ['none', 'gzip', 'snappy', 'lz4'] as const
const magics = [0, 1] as const
const all = { fromOffset: 0, maxBytes: 100_000_000 }

const message: Message = {
  offset: 0,
  magic: 1,
  compressionTypeId: 0,
  isLogAppendTime: false,
  timestampMs: time,
  key: Buffer.from('k'),
  value: Buffer.from('v'),
}

function setOf(...messages: Partial<Message>[]): Buffer {
  const out = new GrowingBuffer()
  for (const fields of messages) writeMessage(out, { ...message, ...fields })
  return out.bytes()
}

function wrapperOf(codec: CompressionType, inner: Buffer, fields: Partial<Message> = {}): Buffer {
  const value = Buffer.from(compress(codec, inner))
  return setOf({ key: null, ...fields, value, compressionTypeId: compressionTypeId(codec) })
}

function failure(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof RecordsError) return error.kind
    throw error
  }
  return 'no error'
}

/** The records of a down-conversion. */
function downConverted(batches: Uint8Array[], magic: OldMagic): Buffer {
  const answer = toMessageSet(batches, magic, all)
  if (answer.kind !== 'converted') throw new Error(answer.kind)
  return Buffer.concat(answer.pieces)
}

describe.each(magics)('magic %i', (magic) => {
  it.each(oldCodecs)('keeps all that it can hold, down and up again under %s', (compression) => {
    const expected = (record: RecordInput): unknown =>
      plain({ ...record, headers: [], timestampMs: magic === 0 ? -1 : record.timestampMs })
    fc.assert(
      fc.property(anyRecords, fc.nat(2 ** 40), (records, baseOffset) => {
        const set = downConverted([encodeBatch(records, { compression, baseOffset })], magic)
        const decoded = [...decodeMessageSet(set)]
        expect(decoded.map(plain)).toEqual(records.map(expected))
        expect(decoded.map(({ offset }) => offset)).toEqual(
          records.map((_, index) => baseOffset + index),
        )
        const batch = fromMessageSet(set)
        expect(batchHeader.compressionType(batch)).toBe(compression)
        expect([...decodeRecords(batch)].map(plain)).toEqual(records.map(expected))
        expect([...decodeRecords(batch)].map(({ offset }) => offset)).toEqual(
          records.map((_, index) => index),
        )
      }),
      { seed: 30 + magic, numRuns: 40 },
    )
  })

  it.each(oldCodecs)('keeps the gaps of compaction under %s', (compression) => {
    const records = [1, 2, 3, 4].map((step) => ({
      ...message,
      timestampMs: time + step,
      headers: [],
    }))
    const plainRecords = records.map(({ timestampMs, key, value }) => ({ timestampMs, key, value }))
    const batch = encodeBatch(plainRecords, { compression, baseOffset: 50 })
    const kept = retainRecords(batch, ({ offset }) => offset % 2 === 1)
    if (kept === null) throw new Error('offsets 51 and 53 stay')
    const decoded = [...decodeMessageSet(downConverted([kept], magic))]
    expect(decoded.map(({ offset }) => offset)).toEqual([51, 53])
  })
})

describe('up-conversion', () => {
  const inner = setOf({ offset: 0 }, { offset: 1 })

  it('takes a mixture of plain messages, wrappers and formats in their order', () => {
    const innerOld = setOf({ magic: 0, offset: 7, value: Buffer.from('c') })
    const set = Buffer.concat([
      setOf({ value: Buffer.from('a') }),
      wrapperOf('gzip', setOf({ value: Buffer.from('b') })),
      wrapperOf('snappy', innerOld, { magic: 0 }),
      setOf({ value: Buffer.from('d'), magic: 0 }),
    ])
    const batch = fromMessageSet(set)
    expect([...decodeRecords(batch)].map(({ value }) => value?.toString())).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
    expect(batchHeader.compressionType(batch)).toBe('snappy')
    expect(validateBatch(batch, { maxBatchBytes: 1000 })).toEqual({ kind: 'ok' })
  })

  it('leaves a batch of magic 2 as it is', () => {
    const batch = encodeBatch([message])
    expect(fromMessageSet(batch)).toBe(batch)
  })

  it.each([0, 1, 9])('takes a wrapper of two messages with offset %i', (offset) => {
    const set = wrapperOf('gzip', inner, { offset })
    const base = offset === 0 ? 0 : offset - 1
    expect([...decodeMessageSet(set)].map((record) => record.offset)).toEqual([base, base + 1])
  })

  const wrapper = (fields: Partial<Message>, content = inner): Buffer =>
    wrapperOf('gzip', content, fields)
  it.each<[string, string, Buffer]>([
    ['invalid-record', 'nothing', Buffer.alloc(0)],
    ['corrupt', 'a header cut off', inner.subarray(0, 11)],
    ['corrupt', 'a tail cut off', inner.subarray(0, -1)],
    ['corrupt', 'a size below a message', Buffer.alloc(40)],
    ['corrupt', 'a wrong checksum', damaged(inner, inner.length - 1)],
    ['corrupt', 'a wrong checksum within a wrapper', wrapper({}, damaged(inner, 30))],
    ['corrupt', 'a message cut off within a wrapper', wrapper({}, inner.subarray(0, -1))],
    ['corrupt', 'damaged compressed data', setOf({ compressionTypeId: 1 })],
    ['invalid-record', 'a wrapper without value', setOf({ compressionTypeId: 1, value: null })],
    ['invalid-record', 'a wrapper of nothing', wrapper({}, Buffer.alloc(0))],
    ['invalid-record', 'a wrapper within a wrapper', wrapper({}, wrapper({}))],
    ['invalid-record', 'another magic within', wrapper({ magic: 0 })],
    [
      'invalid-record',
      'a wrapper offset below the last within',
      wrapper({ offset: 1 }, setOf({ offset: 0 }, { offset: 2 })),
    ],
    ['unsupported-compression', 'zstd', wrapperOf('zstd', inner)],
    ['unsupported-compression', 'an unknown codec', setOf({ compressionTypeId: 5 })],
    ['invalid-record', 'bytes after the value', resized(setOf({ value: Buffer.from('vv') }))],
    ['invalid-record', 'a value past the end', resized(setOf({ value: Buffer.alloc(0) }))],
    ['invalid-timestamp', 'LogAppendTime', setOf({ isLogAppendTime: true })],
    ['invalid-timestamp', 'LogAppendTime of a wrapper', wrapper({ isLogAppendTime: true })],
    ['invalid-timestamp', 'a time below -1', setOf({ timestampMs: -2 })],
  ])('is refused as %s with %s', (kind, _, set) => {
    expect(failure(() => fromMessageSet(set))).toBe(kind)
  })

  it('has a cap on what wrappers hold', () => {
    const bomb = wrapperOf('gzip', setOf({ value: Buffer.alloc(1_000_000) }))
    expect(failure(() => fromMessageSet(bomb, { maxDecompressedBytes: 100_000 }))).toBe('too-large')
  })

  it('reads as far as a Fetch response goes when that may end anywhere', () => {
    const partial = inner.subarray(0, -1)
    expect([...decodeMessageSet(partial, { allowPartialTail: true })]).toHaveLength(1)
    expect(failure(() => [...decodeMessageSet(partial)])).toBe('corrupt')
  })
})

function damaged(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

/** A message with a key of one byte, its value's length wrong by one, its checksum right. */
function resized(set: Buffer): Buffer {
  const copy = Buffer.from(set)
  copy.writeInt32BE(copy.readInt32BE(31) === 0 ? 1 : copy.readInt32BE(31) - 1, 31)
  copy.writeUInt32BE(crc32(copy.subarray(16)), 12)
  return copy
}

describe('down-conversion', () => {
  const records = [0, 1, 2].map(() => ({ timestampMs: time, key: null, value: Buffer.from('v') }))
  const batchAt = (baseOffset: number, compression: CompressionType = 'none'): Buffer =>
    encodeBatch(records, { baseOffset, compression })
  const marker = encodeEndTransactionMarker(
    { kind: 'commit', coordinatorEpoch: 0 },
    { id: 1n, epoch: 0 },
    time,
  )
  batchHeader.setBaseOffset(marker, 3)

  it('drops control batches and emptied ones, and says how far it came', () => {
    const answer = toMessageSet([batchAt(0), marker, emptyBatch(batchAt(4))], 1, all)
    expect(answer).toMatchObject({ kind: 'converted', recordCount: 3, nextOffset: 7 })
    const nothing = toMessageSet([marker], 1, { ...all, fromOffset: 3 })
    expect(nothing).toMatchObject({ pieces: [], sizeBytes: 0, recordCount: 0, nextOffset: 4 })
  })

  it('leaves out uncompressed records below the asked offset, and keeps a wrapper whole', () => {
    const offsets = (compression: CompressionType): number[] => {
      const answer = toMessageSet([batchAt(10, compression)], 1, { ...all, fromOffset: 11 })
      const pieces = answer.kind === 'converted' ? answer.pieces : []
      return [...decodeMessageSet(Buffer.concat(pieces))].map(({ offset }) => offset)
    }
    expect(offsets('none')).toEqual([11, 12])
    expect(offsets('gzip')).toEqual([10, 11, 12])
  })

  it('stops after the batch that passes the limit, and always gives one', () => {
    const answer = toMessageSet([batchAt(0), batchAt(3), batchAt(6)], 1, { ...all, maxBytes: 110 })
    expect(answer).toMatchObject({ recordCount: 6, nextOffset: 6 })
    expect(toMessageSet([batchAt(0), batchAt(3)], 1, { ...all, maxBytes: 1 })).toMatchObject({
      recordCount: 3,
      nextOffset: 3,
    })
  })

  it('takes pieces of several batches', () => {
    const piece = Buffer.concat([batchAt(0), batchAt(3, 'lz4')])
    expect(toMessageSet([piece, batchAt(6)], 0, all)).toMatchObject({
      recordCount: 9,
      nextOffset: 9,
    })
  })

  it('stops before zstd, and has no answer when zstd comes first', () => {
    const zstd = batchAt(3, 'zstd')
    expect(toMessageSet([batchAt(0), zstd], 1, all)).toMatchObject({
      recordCount: 3,
      nextOffset: 3,
    })
    expect(toMessageSet([zstd], 1, { ...all, fromOffset: 3 })).toEqual({
      kind: 'unsupported-compression',
    })
    expect(toMessageSet([marker, zstd], 1, all)).toEqual({ kind: 'unsupported-compression' })
  })

  it.each([
    [0, [10, 11, 12], '04224d1860401a'],
    [1, [0, 1, 2], '04224d18604082'],
  ] as const)('writes wrappers of magic %i as its clients know them', (magic, offsets, header) => {
    const set = downConverted([batchAt(10, 'lz4')], magic)
    expect(set.readBigInt64BE(0)).toBe(12n)
    const frame = set.subarray(magic === 0 ? 26 : 34)
    expect(frame.toString('hex', 0, 7)).toBe(header)
    const inner = decompress('lz4', frame, 1000, { lz4HeaderChecksum: 'with-magic' })
    const size = inner.length / 3
    expect([0, 1, 2].map((index) => Number(inner.readBigInt64BE(index * size)))).toEqual(offsets)
  })

  it('passes the append time on where the format has one', () => {
    for (const compression of ['none', 'gzip'] as const) {
      const batch = batchAt(0, compression)
      batchHeader.setLogAppendTime(batch, time + 9)
      const set = downConverted([batch], 1)
      expect([...decodeMessageSet(set)].map((record) => record.timestampMs)).toEqual([
        time + 9,
        time + 9,
        time + 9,
      ])
      expect((set[17] ?? 0) & 0x08).toBe(0x08)
    }
  })

  it('throws on damaged batches', () => {
    const cut = Buffer.from(batchAt(0, 'gzip'))
    cut.fill(0, 70)
    expect(failure(() => toMessageSet([cut], 1, all))).toBe('corrupt')
  })
})
