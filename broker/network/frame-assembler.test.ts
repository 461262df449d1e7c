import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import { FrameAssembler } from './frame-assembler.ts'
import { FrameBuffers } from './frame-buffers.ts'

function assemblerOf(maxFrameBytes: number): FrameAssembler {
  return new FrameAssembler(maxFrameBytes, new FrameBuffers())
}

function framed(...payloads: Buffer[]): Buffer {
  return Buffer.concat(
    payloads.flatMap((payload) => {
      const prefix = Buffer.alloc(4)
      prefix.writeInt32BE(payload.length)
      return [prefix, payload]
    }),
  )
}

function sizeOnly(sizeBytes: number): Buffer {
  const prefix = Buffer.alloc(4)
  prefix.writeInt32BE(sizeBytes)
  return prefix
}

function collect(assembler: FrameAssembler, chunks: readonly Buffer[]): Buffer[] {
  const frames: Buffer[] = []
  for (const chunk of chunks) {
    // A frame is lent for the call only.
    expect(assembler.push(chunk, (frame) => frames.push(Buffer.from(frame)))).toBeNull()
  }
  return frames
}

/** Buffers are compared as bytes: an element by element comparison of megabytes takes seconds. */
function expectSame(frames: readonly Buffer[], payloads: readonly Buffer[]): void {
  expect(frames.map((frame) => frame.length)).toEqual(payloads.map((payload) => payload.length))
  expect(Buffer.concat(frames).equals(Buffer.concat(payloads))).toBe(true)
}

describe('FrameAssembler', () => {
  it('gives a frame inside one chunk as a view of it', () => {
    const chunk = framed(Buffer.from('hello'), Buffer.from(''), Buffer.from('you'))
    const frames: Buffer[] = []
    assemblerOf(100).push(chunk, (frame) => frames.push(frame))
    expect(frames.map(String)).toEqual(['hello', '', 'you'])
    expect(frames[0]?.buffer).toBe(chunk.buffer)
  })

  it.each([1, 2, 3, 5, 1000, 16 * 1024, 100_000])('puts frames together from chunks of %d', (n) => {
    const random = seededRandom(n)
    const payloads = [0, 1, 40_000, 3, 70_000, 16_384].map((size) => random.bytes(size))
    const stream = framed(...payloads)
    const chunks: Buffer[] = []
    for (let at = 0; at < stream.length; at += n) chunks.push(stream.subarray(at, at + n))
    expectSame(collect(assemblerOf(70_000), chunks), payloads)
  })

  it('puts frames together from chunks of random sizes', () => {
    const random = seededRandom(7)
    for (let run = 0; run < 20; run++) {
      const payloads = Array.from({ length: 5 }, () => random.bytes(random.below(40_000)))
      const stream = framed(...payloads)
      const chunks: Buffer[] = []
      for (let at = 0; at < stream.length; ) {
        const size = 1 + random.below(random.below(2) === 0 ? 10 : 40_000)
        chunks.push(stream.subarray(at, at + size))
        at += size
      }
      expectSame(collect(assemblerOf(40_000), chunks), payloads)
    }
  })

  it.each([
    [-1, 'negative-size'],
    [-2147483648, 'negative-size'],
    [101, 'oversized'],
    [2147483647, 'oversized'],
  ] as const)('refuses a size of %d before it keeps a byte', (sizeBytes, kind) => {
    const assembler = assemblerOf(100)
    const frames: Buffer[] = []
    const chunk = Buffer.concat([sizeOnly(sizeBytes), Buffer.alloc(50)])
    expect(assembler.push(chunk, (frame) => frames.push(frame))).toEqual({ kind, sizeBytes })
    expect(assembler.heldBytes).toBe(0)
    expect(frames).toEqual([])
  })

  it('gives the frames before a bad one', () => {
    const frames: Buffer[] = []
    const chunk = Buffer.concat([framed(Buffer.from('ok')), sizeOnly(-5)])
    expect(assemblerOf(100).push(chunk, (frame) => frames.push(frame))).not.toBeNull()
    expect(frames.map(String)).toEqual(['ok'])
  })

  it('says whether it is in the midst of a frame', () => {
    const assembler = assemblerOf(100)
    expect(assembler.isMidFrame).toBe(false)
    collect(assembler, [Buffer.from([0, 0])])
    expect(assembler.isMidFrame).toBe(true)
    collect(assembler, [Buffer.from([0, 3, 1])])
    expect(assembler.isMidFrame).toBe(true)
    expect(assembler.heldBytes).toBe(1)
    collect(assembler, [Buffer.from([2, 3])])
    expect(assembler.isMidFrame).toBe(false)
    expect(assembler.heldBytes).toBe(0)
  })

  it('has the rest of a large frame received in place', () => {
    const random = seededRandom(3)
    const payloads = [200_000, 10, 900_000].map((size) => random.bytes(size))
    const stream = framed(...payloads)
    const assembler = assemblerOf(1_000_000)
    const shared = Buffer.alloc(100_000)
    const frames: Buffer[] = []
    let inPlace = 0
    for (let at = 0; at < stream.length; ) {
      const { space } = assembler
      if (space) inPlace++
      const target = space ?? shared
      const sizeBytes = stream.copy(target, 0, at, at + Math.min(target.length, 70_000))
      expect(
        assembler.push(target.subarray(0, sizeBytes), (frame) => frames.push(Buffer.from(frame))),
      ).toBeNull()
      at += sizeBytes
    }
    expectSame(frames, payloads)
    expect(inPlace).toBeGreaterThan(5)
  })

  it('takes memory for what has come of a frame, not for what was announced', () => {
    const taken: number[] = []
    const buffers = new FrameBuffers()
    const take = buffers.take.bind(buffers)
    buffers.take = (sizeBytes) => {
      taken.push(sizeBytes)
      return take(sizeBytes)
    }
    const assembler = new FrameAssembler(100_000_000, buffers)
    collect(assembler, [sizeOnly(100_000_000), Buffer.alloc(1000), Buffer.alloc(50_000)])
    expect(taken).toEqual([2000, 102_000])
  })
})
