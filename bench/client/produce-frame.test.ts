import { describe, expect, it } from 'vitest'
import {
  codec,
  errors,
  ProduceRequest,
  ProduceResponse,
  Reader,
  Writer,
} from '../../protocol/index.ts'
import { encodeProduceFrame } from './produce-frame.ts'

const shape = { recordBytes: 100, recordsPerBatch: 3 }
const frame = encodeProduceFrame('bench', [4, 7], shape, (size) => Buffer.alloc(size), 1_000)

function responseWith(...codes: number[]): Buffer {
  const writer = new Writer()
  writer.int32(1)
  codec(ProduceResponse, 7).write(writer, {
    responses: [
      {
        name: 'bench',
        partitionResponses: codes.map((errorCode, index) => ({ index, errorCode, baseOffset: 9 })),
      },
    ],
  })
  return Buffer.concat(writer.finish())
}

describe('encodeProduceFrame', () => {
  it('holds one batch for each partition, and says how much that is', () => {
    const reader = new Reader(frame.bytes)
    const HEADER_BYTES = 4 + 2 + 2 + 4 + 2 + 'glasslog-bench'.length
    reader.skip(HEADER_BYTES)
    const { acks, topicData } = codec(ProduceRequest, 7).read(reader)
    expect(acks).toBe(-1)
    expect(topicData[0]?.partitionData.map(({ index }) => index)).toEqual([4, 7])
    expect(frame.records).toBe(6)
    expect(frame.valueBytes).toBe(600)
    expect(frame.bytes.readInt32BE(0)).toBe(frame.bytes.length - 4)
  })

  it('finds the error of any partition in a response', () => {
    const code = errors.NOT_LEADER_OR_FOLLOWER.code
    expect(frame.errorCode(responseWith(0, 0))).toBe(0)
    expect(frame.errorCode(responseWith(code, 0))).toBe(code)
    expect(frame.errorCode(responseWith(0, code))).toBe(code)
  })
})
