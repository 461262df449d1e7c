import { describe, expect, it } from 'vitest'
import type { RecordInput } from '../../../protocol/index.ts'
import { batchHeader, decodeRecords, encodeBatch, toMessageSet } from '../../../protocol/index.ts'
import type { EffectiveTopicConfig } from '../../control/index.ts'
import { checkBatch } from './check-batch.ts'

const NOW = 1_700_000_000_000
const FOREVER = Number.MAX_SAFE_INTEGER

const config: EffectiveTopicConfig = {
  log: {
    cleanup: { delete: true, compact: false },
    retentionMs: -1,
    retentionBytes: -1,
    segmentBytes: 1e9,
    segmentMs: 1e9,
    deleteRetentionMs: 1,
    minCompactionLagMs: 0,
    maxCompactionLagMs: 1,
    minCleanableDirtyRatio: 0.5,
    timestampType: 'create',
    durability: 'disk',
  },
  maxMessageBytes: 1_000_000,
  minInsyncReplicas: 1,
  compressionType: 'producer',
  compressionLevel: undefined,
  timestampBeforeMaxMs: FOREVER,
  timestampAfterMaxMs: 3_600_000,
}
const compacted = { ...config, log: { ...config.log, cleanup: { delete: false, compact: true } } }
const stamped = { ...config, log: { ...config.log, timestampType: 'append' as const } }

const record = (timestampMs = NOW, key: string | null = 'k'): RecordInput => ({
  timestampMs,
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from('v'.repeat(100)),
})

function messageSet(batch: Buffer, magic: 0 | 1): Buffer {
  const converted = toMessageSet([batch], magic, { fromOffset: 0, maxBytes: 1e6 })
  if (converted.kind !== 'converted') throw new Error(converted.kind)
  return Buffer.concat(converted.pieces)
}

describe('checkBatch', () => {
  it('takes a batch as it is, without a copy', () => {
    const batch = encodeBatch([record(), record()])
    expect(checkBatch(batch, 9, config, NOW)).toEqual({ kind: 'sound', batch })
    const checked = checkBatch(batch, 3, config, NOW)
    expect(checked.kind === 'sound' && checked.batch).toBe(batch)
  })

  it.each([
    ['nothing', null, 9, 'INVALID_RECORD'],
    ['no bytes', Buffer.alloc(0), 9, 'INVALID_RECORD'],
    [
      'two batches',
      Buffer.concat([encodeBatch([record()]), encodeBatch([record()])]),
      9,
      'INVALID_RECORD',
    ],
    ['a message set', messageSet(encodeBatch([record()]), 1), 3, 'INVALID_RECORD'],
    ['garbage', Buffer.alloc(100, 7), 9, 'CORRUPT_MESSAGE'],
    ['garbage from an old client', Buffer.alloc(100, 7), 2, 'CORRUPT_MESSAGE'],
    [
      'zstd before v7',
      encodeBatch([record()], { compression: 'zstd' }),
      6,
      'UNSUPPORTED_COMPRESSION_TYPE',
    ],
  ] as const)('refuses %s', (_, records, version, error) => {
    expect(checkBatch(records, version, config, NOW)).toMatchObject({ kind: 'refused', error })
  })

  it('refuses a batch with a wrong checksum', () => {
    const batch = encodeBatch([record()])
    batch[batch.length - 1] = (batch.at(-1) ?? 0) ^ 1
    expect(checkBatch(batch, 9, config, NOW)).toMatchObject({ error: 'CORRUPT_MESSAGE' })
  })

  it('refuses a batch beyond max.message.bytes, also one that grew by conversion', () => {
    const batch = encodeBatch([record()])
    const tight = { ...config, maxMessageBytes: batch.length - 1 }
    expect(checkBatch(batch, 9, tight, NOW)).toMatchObject({ error: 'MESSAGE_TOO_LARGE' })
    const set = messageSet(batch, 0)
    expect(checkBatch(set, 0, tight, NOW)).toMatchObject({ error: 'MESSAGE_TOO_LARGE' })
  })

  it.each([0, 1] as const)('makes one batch of a message set of magic %d', (magic) => {
    const sent = [record(NOW, 'a'), record(NOW, null)]
    const set = messageSet(encodeBatch(sent, { compression: 'gzip' }), magic)
    const checked = checkBatch(set, magic === 0 ? 1 : 2, config, NOW)
    if (checked.kind !== 'sound') throw new Error(checked.message)
    expect(batchHeader.compressionType(checked.batch)).toBe('gzip')
    const stored = [...decodeRecords(checked.batch)]
    expect(stored.map(({ key }) => key?.toString() ?? null)).toEqual(['a', null])
    expect(stored.map(({ timestampMs }) => timestampMs)).toEqual(
      magic === 0 ? [-1, -1] : [NOW, NOW],
    )
  })

  it('mends a max timestamp that is not the latest', () => {
    const batch = encodeBatch([record(NOW), record(NOW - 5)])
    batchHeader.setMaxTimestamp(batch, NOW - 5)
    const checked = checkBatch(batch, 9, config, NOW)
    expect(checked.kind === 'sound' && batchHeader.maxTimestamp(checked.batch)).toBe(NOW)
  })

  it('names records too far in the future', () => {
    const batch = encodeBatch([record(NOW), record(NOW + 3_600_001), record(NOW + 3_600_000)])
    expect(checkBatch(batch, 9, config, NOW)).toMatchObject({
      error: 'INVALID_TIMESTAMP',
      records: [{ batchIndex: 1 }],
    })
    expect(checkBatch(batch, 9, stamped, NOW).kind).toBe('sound')
  })

  it('names records too far in the past, but for those without a time', () => {
    const young = { ...config, timestampBeforeMaxMs: 1000 }
    const batch = encodeBatch([record(NOW), record(-1), record(NOW - 1001), record(NOW - 1000)])
    expect(checkBatch(batch, 9, young, NOW)).toMatchObject({
      error: 'INVALID_TIMESTAMP',
      records: [{ batchIndex: 2 }],
    })
    expect(checkBatch(batch, 9, { ...stamped, timestampBeforeMaxMs: 1000 }, NOW).kind).toBe('sound')
  })

  it('wants keys for a compacted topic', () => {
    const batch = encodeBatch([record(), record(NOW, null)])
    expect(checkBatch(batch, 9, compacted, NOW)).toMatchObject({
      error: 'INVALID_RECORD',
      records: [{ batchIndex: 1 }],
    })
    expect(checkBatch(batch, 9, config, NOW).kind).toBe('sound')
    expect(checkBatch(encodeBatch([record()]), 9, compacted, NOW).kind).toBe('sound')
  })

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'stores under %s if told so',
    (type) => {
      const batch = encodeBatch([record(), record()], { compression: 'gzip' })
      const checked = checkBatch(batch, 9, { ...config, compressionType: type }, NOW)
      if (checked.kind !== 'sound') throw new Error(checked.message)
      expect(batchHeader.compressionType(checked.batch)).toBe(type)
      expect(batchHeader.computeCrc(checked.batch)).toBe(batchHeader.crc(checked.batch))
      expect([...decodeRecords(checked.batch)]).toEqual([...decodeRecords(batch)])
    },
  )

  it.each([
    ['compression.gzip.level', 'gzip', 1, 9],
    ['compression.zstd.level', 'zstd', -50, 19],
  ] as const)('applies %s', (_, compressionType, low, high) => {
    const batch = encodeBatch(Array.from({ length: 200 }, (_, i) => record(NOW, `${i ** 3}`)))
    const [fast, best] = [low, high].map((compressionLevel) =>
      checkBatch(batch, 9, { ...config, compressionType, compressionLevel }, NOW),
    )
    if (fast?.kind !== 'sound' || best?.kind !== 'sound') throw new Error('refused')
    expect(best.batch.length).toBeLessThan(fast.batch.length)
  })

  it('holds what is stored to the limit, not what was sent', () => {
    const squeezed = encodeBatch([record(), record()], { compression: 'gzip' })
    const tight = { ...config, compressionType: 'none' as const, maxMessageBytes: squeezed.length }
    expect(checkBatch(squeezed, 9, tight, NOW)).toMatchObject({ error: 'MESSAGE_TOO_LARGE' })
  })

  it('refuses damaged compressed records where it has to look into them', () => {
    const batch = encodeBatch([record()], { compression: 'gzip' })
    batch.fill(0, 70)
    batchHeader.setMaxTimestamp(batch, NOW)
    expect(checkBatch(batch, 9, config, NOW).kind).toBe('sound')
    expect(checkBatch(batch, 9, compacted, NOW)).toMatchObject({ error: 'CORRUPT_MESSAGE' })
  })

  it('names no more than 100 records', () => {
    const batch = encodeBatch(Array.from({ length: 150 }, () => record(NOW, null)))
    const checked = checkBatch(batch, 9, compacted, NOW)
    expect(checked.kind === 'refused' && checked.records).toHaveLength(100)
  })
})
