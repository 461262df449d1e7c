import { describe, expect, test } from 'vitest'
import { batchHeader, encodeBatch, encodeEndTransactionMarker } from '../../../protocol/index.ts'
import { TransactionTraces } from './transaction-traces.ts'

const P1 = { id: 1n, epoch: 0 }
const P2 = { id: 2n, epoch: 0 }

function data(producer: { id: bigint; epoch: number }, baseOffset: number): Buffer {
  const batch = encodeBatch([{ timestampMs: 1, key: Buffer.from('k'), value: null }], {
    isTransactional: true,
    producer: { ...producer, baseSequence: 0 },
  })
  batchHeader.setBaseOffset(batch, baseOffset)
  return batch
}

function marker(producer: { id: bigint; epoch: number }): Buffer {
  return encodeEndTransactionMarker({ kind: 'abort', coordinatorEpoch: 0 }, producer, 1)
}

describe('TransactionTraces', () => {
  test('knows aborted records by producer and offset', () => {
    const traces = new TransactionTraces([
      { producer: 1, firstOffset: 10, lastOffset: 14 },
      { producer: 2, firstOffset: 12, lastOffset: 20 },
      { producer: 1, firstOffset: 30, lastOffset: 34 },
    ])
    const aborted = (producer: typeof P1, offset: number): boolean =>
      traces.isAborted(data(producer, offset), offset)
    expect([9, 10, 13, 15, 29, 30, 33, 35].map((offset) => aborted(P1, offset))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ])
    expect([10, 12, 19, 21].map((offset) => aborted(P2, offset))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('records outside of transactions are never aborted', () => {
    const traces = new TransactionTraces([{ producer: 1, firstOffset: 0, lastOffset: 9 }])
    const plain = encodeBatch([{ timestampMs: 1, key: null, value: null }], {
      producer: { ...P1, baseSequence: 0 },
    })
    expect(traces.isAborted(plain, 3)).toBe(false)
  })

  test('an abort marker is alone when no batch of its transaction came before', () => {
    const ranges = [
      { producer: 1, firstOffset: 10, lastOffset: 14 },
      { producer: 1, firstOffset: 30, lastOffset: 34 },
    ]
    const traces = new TransactionTraces(ranges)
    traces.isAborted(data(P1, 10), 10)
    expect(traces.isMarkerAlone(marker(P1), 14)).toBe(false)
    expect(traces.isMarkerAlone(marker(P1), 34)).toBe(true)
    traces.markerGone(marker(P1), 34)
    expect(traces.takeForgotten()).toEqual([ranges[1]])
    expect(traces.takeForgotten()).toEqual([])
  })

  test('a commit marker is alone when no batch of its producer came since the last one', () => {
    const traces = new TransactionTraces([])
    traces.isAborted(data(P1, 1), 1)
    traces.isAborted(data(P2, 2), 2)
    expect(traces.isMarkerAlone(marker(P1), 3)).toBe(false)
    expect(traces.isMarkerAlone(marker(P1), 4)).toBe(true)
    expect(traces.isMarkerAlone(marker(P2), 5)).toBe(false)
  })

  test('a producer id beyond 2^53 is its own', () => {
    const large = { id: 2n ** 62n, epoch: 0 }
    const traces = new TransactionTraces([{ producer: 2n ** 62n, firstOffset: 0, lastOffset: 5 }])
    expect(traces.isAborted(data(large, 1), 1)).toBe(true)
    expect(traces.isAborted(data({ id: 2n ** 62n + 1n, epoch: 0 }, 1), 1)).toBe(false)
  })
})
