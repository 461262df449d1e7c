import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CreateTopicsRequest,
  codec,
  FetchRequest,
  MESSAGES,
  MetadataResponse,
  ProduceRequest,
  ProtocolError,
  Reader,
  Writer,
} from './index.ts'
import { arbitraryMessage, everyVersion } from './testing.ts'

const SEED = 20260104

/** What decoding says of the bytes: the reason of the error, or null when they are a message. */
function refusal(
  message: (typeof MESSAGES)[number],
  version: number,
  reader: Reader,
): string | null {
  try {
    codec(message, version).read(reader)
    return null
  } catch (error) {
    if (error instanceof ProtocolError) return error.reason
    throw error
  }
}

describe('a message cut short anywhere is refused', () => {
  it.each(everyVersion(MESSAGES))('%s', (_name, message, version) => {
    const samples = fc.sample(arbitraryMessage(message, version), { numRuns: 3, seed: SEED })
    for (const value of samples) {
      const writer = new Writer()
      codec(message, version).write(writer, value)
      const bytes = Buffer.concat(writer.finish())
      for (let length = 0; length < bytes.length; length++) {
        expect(refusal(message, version, new Reader(bytes, 0, length))).not.toBeNull()
      }
    }
  })
})

describe('a few bytes cannot make the decoder allocate much', () => {
  it.each([
    ['Produce v0', ProduceRequest, 0, '0001 00000001 7fffffff'],
    ['Produce v9', ProduceRequest, 9, '00 0001 00000001 ffffffff0f'],
    ['Fetch v4', FetchRequest, 4, 'ffffffff 00000001 00000001 00000001 00 00ffffff 0000'],
    ['CreateTopics v5', CreateTopicsRequest, 5, 'ffffffff07 00000000'],
  ] as const)('%s with a count that nothing follows', (_title, message, version, hex) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    expect(refusal(message, version, new Reader(bytes))).toMatch(
      /elements announced, \d+ bytes left/,
    )
  })

  it('a count is measured by the smallest element, before the first is read', () => {
    // A topic of CreateTopics v7 takes at least 10 bytes: a hundred bytes hold ten, not eleven.
    const bytes = Buffer.alloc(101)
    bytes[0] = 12
    expect(refusal(CreateTopicsRequest, 7, new Reader(bytes))).toBe(
      '11 elements announced, 100 bytes left',
    )
    bytes[0] = 11
    expect(refusal(CreateTopicsRequest, 7, new Reader(bytes))).not.toMatch(/announced/)
  })

  it('many small elements in a large message end at the limit of the whole message', () => {
    const writer = new Writer()
    const partition = {
      errorCode: 0,
      partitionIndex: 0,
      leaderId: 0,
      replicaNodes: [],
      isrNodes: [],
    }
    const topic = { errorCode: 0, name: '', partitions: Array(100).fill(partition) }
    codec(MetadataResponse, 12).write(writer, { brokers: [], topics: Array(100).fill(topic) })
    const bytes = Buffer.concat(writer.finish())
    expect(refusal(MetadataResponse, 12, new Reader(bytes))).toBeNull()
    expect(
      refusal(MetadataResponse, 12, new Reader(bytes, 0, bytes.length, { maxCells: 50_000 })),
    ).toBe('more elements than one message may have')
  })

  it('a tagged field cannot read beyond its own size', () => {
    // Fetch v12: tag 0 is the cluster id, announced as 2 bytes but 5 long.
    const bytes = Buffer.from(
      'ffffffff 00000001 00000001 00000001 00 00000000 00000000 01 01 01 01 00 02 05 61626364'.replaceAll(
        ' ',
        '',
      ),
      'hex',
    )
    expect(refusal(FetchRequest, 12, new Reader(bytes))).toBe('4 bytes expected, 1 left')
  })
})
