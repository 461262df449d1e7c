import { describe, expect, it } from 'vitest'
import type { KafkaRecord } from './index.ts'
import {
  batchHeader,
  decodeMessageSet,
  decodeRecords,
  emptyBatch,
  encodeBatch,
  encodeEndTransactionMarker,
  fromMessageSet,
  readEndTransactionMarker,
  retainRecords,
  toMessageSet,
  validateBatch,
} from './index.ts'
import type { GoldenRecords } from './testing.ts'
import { goldenRecords, plain } from './testing.ts'

const time = 1_600_000_000_000
const producer = { id: 1_234_567_890_123n, epoch: 7 }
const limits = { maxBatchBytes: 10_000 }
const golden = goldenRecords()

/** The three records that every client was given. */
const written = [
  {
    timestampMs: time,
    key: Buffer.from('key-0'),
    value: Buffer.from('value-0'),
    headers: [
      { key: 'h1', value: Buffer.from('x') },
      { key: 'h2', value: null },
    ],
  },
  { timestampMs: time + 7, key: null, value: Buffer.from('value-1 '.repeat(40)), headers: [] },
  { timestampMs: time + 5, key: Buffer.from('key-2'), value: null, headers: [] },
]

/** What a format without headers, and maybe without timestamps, keeps of them. */
function reduced(timestampOf: (written: number) => number): unknown[] {
  return written.map((record) =>
    plain({ ...record, headers: [], timestampMs: timestampOf(record.timestampMs) }),
  )
}

function named(name: string): Buffer[] {
  return golden.filter(({ writer }) => writer === `kafka-clients-4.1.0-${name}`).map((g) => g.bytes)
}

function one(name: string): Buffer {
  const [bytes] = named(name)
  if (bytes === undefined) throw new Error(`no golden bytes are named ${name}`)
  return bytes
}

const isPlain = ({ writer }: GoldenRecords): boolean =>
  !/append-time|marker|delete|empty/.test(writer)
const batches = golden.filter((line) => line.magic === 2 && isPlain(line))
const sets = golden.filter((line) => line.magic < 2 && isPlain(line))

describe('batches of real clients', () => {
  it.each(batches)('$writer, $codec', ({ codec, bytes }) => {
    expect(validateBatch(bytes, limits)).toEqual({ kind: 'ok' })
    expect(batchHeader.compressionType(bytes)).toBe(codec)
    const decoded = [...decodeRecords(bytes)]
    expect(decoded.map(plain)).toEqual(written.map(plain))
    expect(decoded.map(({ offset }) => offset)).toEqual([0, 1, 2])
  })

  it('are the bytes that we write ourselves', () => {
    const [java] = batches.filter(
      ({ writer, codec }) => /4\.1\.0$/.test(writer) && codec === 'none',
    )
    expect(encodeBatch(written).equals(java?.bytes ?? Buffer.alloc(0))).toBe(true)
    const transactional = encodeBatch(written, {
      producer: { ...producer, baseSequence: 2_147_483_646 },
      isTransactional: true,
    })
    expect(transactional.equals(one('transactional'))).toBe(true)
  })

  it('include transaction markers', () => {
    for (const bytes of named('marker')) {
      const [record] = decodeRecords(bytes)
      const marker = readEndTransactionMarker(record?.key ?? null, record?.value ?? null)
      if (marker === null) throw new Error('not a marker')
      const ours = encodeEndTransactionMarker(marker, producer, time)
      batchHeader.setBaseOffset(ours, 42)
      batchHeader.setLeaderEpoch(ours, 3)
      expect(ours.equals(bytes)).toBe(true)
    }
    expect(named('marker')).toHaveLength(2)
  })

  it('include what the log cleaner leaves', () => {
    const records = written.map((record, index) => ({ ...record, offset: 100 + index }))
    const original = encodeBatch([{ ...records[0], ...tombstone, offset: 101 }], {
      baseOffset: 100,
      lastOffset: 102,
      leaderEpoch: 4,
      producer: { id: 5n, epoch: 1, baseSequence: 10 },
    })
    const kept = retainRecords(original, () => true, { deleteHorizonMs: time + 100_000 })
    expect(kept && one('delete-horizon').equals(kept)).toBe(true)

    const emptied = encodeBatch(records, {
      baseOffset: 100,
      leaderEpoch: 4,
      producer: { id: 5n, epoch: 1, baseSequence: 10 },
      isTransactional: true,
    })
    expect(emptyBatch(emptied).equals(one('empty'))).toBe(true)
    expect([...decodeRecords(one('empty'))]).toEqual([])
  })
})

const tombstone = { timestampMs: time + 5, key: Buffer.from('key-2'), value: null, headers: [] }

describe('message sets of real clients', () => {
  it.each(sets)('$writer, magic $magic, $codec', ({ magic, codec, bytes }) => {
    const expected = reduced((timestampMs) => (magic === 0 ? -1 : timestampMs))
    const decoded: KafkaRecord[] = [...decodeMessageSet(bytes)]
    expect(decoded.map(plain)).toEqual(expected)
    expect(decoded.map(({ offset }) => offset)).toEqual([0, 1, 2])

    const batch = fromMessageSet(bytes)
    expect(validateBatch(batch, limits)).toEqual({ kind: 'ok' })
    expect(batchHeader.compressionType(batch)).toBe(codec)
    expect([...decodeRecords(batch)].map(plain)).toEqual(expected)
  })

  it.each(sets.filter(({ writer }) => /0\.9\.0\.1|0\.10\.2\.2/.test(writer)))(
    'are the bytes that we write for magic $magic under $codec',
    ({ magic, codec, bytes }) => {
      const oldMagic = magic === 0 ? 0 : 1
      const batch = encodeBatch(written, { compression: codec })
      const answer = toMessageSet([batch], oldMagic, { fromOffset: 0, maxBytes: 10_000 })
      const set = answer.kind === 'converted' ? Buffer.concat(answer.pieces) : Buffer.alloc(0)
      // Each library's deflate and LZ4 find other matches, so only the rest is byte for byte the same.
      const isExact = codec === 'none' || codec === 'snappy'
      if (isExact) expect(set.toString('hex')).toBe(bytes.toString('hex'))
      expect([...decodeMessageSet(set)]).toEqual([...decodeMessageSet(bytes)])
    },
  )

  it.each(golden.filter(({ writer }) => writer.includes('append-time')))(
    'stamped by a broker: $writer, $codec',
    ({ bytes }) => {
      const decoded = [...decodeMessageSet(bytes)]
      expect(decoded.map(plain)).toEqual(reduced(() => time + 999))
      expect(decoded.map(({ offset }) => offset)).toEqual([100, 101, 102])
    },
  )
})
