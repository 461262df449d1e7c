import { expect, it } from 'vitest'
import { codec, encodeBatch, FetchResponse, Writer } from '../../protocol/index.ts'
import type { FetchedPartition } from './fetch-response.ts'
import { readFetchResponse } from './fetch-response.ts'

const batch = (baseOffset: number, count: number): Uint8Array =>
  encodeBatch(
    Array.from({ length: count }, () => ({
      key: null,
      value: Buffer.from('value'),
      headers: [],
      timestampMs: 1,
    })),
    { baseOffset },
  )

function response(errorCode: number, ...records: (Uint8Array | null)[]): Buffer {
  const writer = new Writer()
  writer.int32(1)
  codec(FetchResponse, 11).write(writer, {
    errorCode,
    responses: records
      .map(() => null)
      .slice(0, 1)
      .map(() => ({
        topic: 'bench',
        partitions: records.map((bytes, partitionIndex) => ({
          partitionIndex,
          errorCode: partitionIndex === 2 ? 3 : 0,
          highWatermark: 100,
          abortedTransactions: partitionIndex === 1 ? [{ producerId: 1n, firstOffset: 0 }] : null,
          records: bytes && Buffer.from(bytes),
        })),
      })),
  })
  return Buffer.concat(writer.finish())
}

function read(frame: Buffer): { code: number; partitions: FetchedPartition[] } {
  const partitions: FetchedPartition[] = []
  const code = readFetchResponse(frame, (partition) => partitions.push(partition))
  return { code, partitions }
}

it('steps over whole batches, leaves a cut-off one, and finds each partition behind the other', () => {
  const whole = Buffer.concat([batch(10, 3), batch(13, 2)])
  const { code, partitions } = read(
    response(0, Buffer.concat([whole, batch(15, 4).subarray(0, 70)]), batch(5, 1), null),
  )
  expect(code).toBe(0)
  expect(partitions).toEqual([
    { index: 0, errorCode: 0, firstOffset: 10, nextOffset: 15, sizeBytes: whole.length },
    { index: 1, errorCode: 0, firstOffset: 5, nextOffset: 6, sizeBytes: batch(5, 1).length },
    { index: 2, errorCode: 3, firstOffset: -1, nextOffset: -1, sizeBytes: 0 },
  ])
})

it('answers the error of the response as a whole, and nothing for an empty one', () => {
  expect(read(response(70))).toEqual({ code: 70, partitions: [] })
  expect(read(response(0))).toEqual({ code: 0, partitions: [] })
})
