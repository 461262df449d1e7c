import { describe, expect, it } from 'vitest'
import type { EndTransactionMarker } from './index.ts'
import {
  batchHeader,
  decodeRecords,
  encodeEndTransactionMarker,
  endTransactionMarkerKey,
  readEndTransactionMarker,
  validateBatch,
} from './index.ts'

const markers: EndTransactionMarker[] = [
  { kind: 'commit', coordinatorEpoch: 0 },
  { kind: 'abort', coordinatorEpoch: 2 ** 31 - 1 },
]

describe.each(markers)('a marker to $kind', (marker) => {
  it('is a control batch of its producer', () => {
    const batch = encodeEndTransactionMarker(marker, { id: 9n, epoch: 2 }, 1_600_000_000_000)
    const limits = { maxBatchBytes: 1000, origin: 'coordinator' } as const
    expect(validateBatch(batch, limits)).toEqual({ kind: 'ok' })
    expect(batchHeader.isControl(batch) && batchHeader.isTransactional(batch)).toBe(true)
    expect(batchHeader.producerId(batch)).toBe(9n)
    expect(batchHeader.baseSequence(batch)).toBe(-1)
    const [record] = decodeRecords(batch)
    expect(readEndTransactionMarker(record?.key ?? null, record?.value ?? null)).toEqual(marker)
  })
})

describe('reading a marker', () => {
  const commit = endTransactionMarkerKey({ kind: 'commit', coordinatorEpoch: 1 })

  it('skips other kinds of control record', () => {
    expect(readEndTransactionMarker(Buffer.from('00000005', 'hex'), null)).toBeNull()
  })

  it('reads newer versions, which only add', () => {
    const [key, value] = [Buffer.from('00030001', 'hex'), Buffer.from('000300000007ffff', 'hex')]
    expect(readEndTransactionMarker(key, value)).toEqual({ kind: 'commit', coordinatorEpoch: 7 })
  })

  it.each([
    ['no key', null, null],
    ['a short key', Buffer.alloc(3), null],
    ['a negative version', Buffer.from('ffff0001', 'hex'), Buffer.alloc(6)],
    ['no value', commit, null],
    ['a short value', commit, Buffer.alloc(5)],
  ])('refuses %s', (_, key, value) => {
    expect(() => readEndTransactionMarker(key, value)).toThrow(
      expect.objectContaining({ name: 'RecordsError', kind: 'invalid-record' }),
    )
  })
})
