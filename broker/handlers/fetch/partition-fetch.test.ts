import { describe, expect, it } from 'vitest'
import type { CompressionType } from '../../../protocol/index.ts'
import {
  decodeMessageSet,
  encodeBatch,
  encodeEndTransactionMarker,
} from '../../../protocol/index.ts'
import type { PartitionRead } from '../../log/index.ts'
import { fetchOf } from './partition-fetch.ts'

const NOW = 1_700_000_000_000
const batch = (compression: CompressionType, offset = 0) =>
  encodeBatch(
    [0, 1].map((i) => ({
      offset: offset + i,
      timestampMs: NOW,
      key: null,
      value: Buffer.from(`v${offset + i}`),
    })),
    { compression },
  )

function reading(...pieces: Buffer[]): PartitionRead {
  return {
    kind: 'records',
    highWatermark: 100,
    lastStableOffset: 90,
    logStartOffset: 0,
    pieces,
    sizeBytes: pieces.reduce((sum, piece) => sum + piece.length, 0),
    abortedTransactions: [],
  }
}

describe('fetchOf', () => {
  it.each([10, 13, 18])('hands stored batches on in v%d', (version) => {
    const read = reading(batch('zstd'), batch('gzip', 2))
    const fetched = fetchOf(read, version, 0, 1e6)
    expect(fetched).toMatchObject({ error: 'NONE', highWatermark: 100, lastStableOffset: 90 })
    expect(fetched.records).toBe(read.kind === 'records' && read.pieces)
  })

  it.each([4, 9])('refuses zstd in v%d, also behind other batches', (version) => {
    expect(fetchOf(reading(batch('gzip')), version, 0, 1e6).error).toBe('NONE')
    const mixed = reading(Buffer.concat([batch('gzip'), batch('zstd', 2)]))
    expect(fetchOf(mixed, version, 0, 1e6)).toMatchObject({
      error: 'UNSUPPORTED_COMPRESSION_TYPE',
      sizeBytes: 0,
    })
  })

  it.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 1],
  ])('converts for v%d to magic %d, from the offset asked for', (version, magic) => {
    const fetched = fetchOf(reading(batch('none'), batch('none', 2)), version, 1, 1e6)
    const set = Buffer.concat(fetched.records)
    expect(set[16]).toBe(magic)
    expect([...decodeMessageSet(set)].map(({ offset }) => offset)).toEqual([1, 2, 3])
    expect(fetched.sizeBytes).toBe(set.length)
    expect(fetched.skipToOffset).toBe(-1)
  })

  it.each(['gzip', 'snappy', 'lz4'] as const)(
    'converts %s out of memory that is shared with the journal',
    (compression) => {
      const stored = batch(compression)
      const shared = Buffer.from(new SharedArrayBuffer(stored.length))
      shared.set(stored)
      const set = Buffer.concat(fetchOf(reading(shared), 2, 0, 1e6).records)
      expect([...decodeMessageSet(set)].map(({ offset }) => offset)).toEqual([0, 1])
    },
  )

  it('says where to go on when an old client can be shown nothing', () => {
    const marker = encodeEndTransactionMarker(
      { kind: 'commit', coordinatorEpoch: 0 },
      { id: 1n, epoch: 0 },
      NOW,
    )
    expect(fetchOf(reading(marker), 1, 0, 1e6)).toMatchObject({ sizeBytes: 0, skipToOffset: 1 })
  })

  it('answers damaged batches with an error of the partition', () => {
    const damaged = batch('gzip')
    damaged.fill(0, 61)
    expect(fetchOf(reading(damaged), 2, 0, 1e6).error).toBe('CORRUPT_MESSAGE')
  })

  it.each([
    [{ kind: 'failed', reason: 'storage-error' }, 'KAFKA_STORAGE_ERROR'],
    [{ kind: 'failed', reason: 'corrupt' }, 'CORRUPT_MESSAGE'],
    [{ kind: 'failed', reason: 'dropped' }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [
      { kind: 'offset-out-of-range', highWatermark: 5, lastStableOffset: 5, logStartOffset: 2 },
      'OFFSET_OUT_OF_RANGE',
    ],
  ] as const)('names the error of %j', (read, error) => {
    expect(fetchOf(read, 12, 0, 1e6)).toMatchObject({ error, highWatermark: -1, records: [] })
  })
})
