import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isStale, writeStale } from '../promql/index.ts'
import { ChunkWriter, decodeChunk, SAMPLES_PER_CHUNK } from './chunk.ts'

/** Encodes, decodes, and answers what came back as bits, so that payloads of NaN count too. */
function roundTrip(times: readonly number[], values: Float64Array) {
  const writer = new ChunkWriter()
  times.forEach((timeMs, at) => {
    writer.append(timeMs, values, at)
  })
  const chunk = writer.chunk()
  const back = { times: new Float64Array(times.length), values: new Float64Array(times.length) }
  expect(decodeChunk(chunk, back.times, back.values, 0)).toBe(times.length)
  return {
    chunk,
    times: [...back.times],
    words: [...new Uint32Array(back.values.buffer)],
    values: back.values,
  }
}

describe('a chunk', () => {
  it('gives back any samples, bit by bit', () => {
    const samples = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 2 ** 30 - 1 }), fc.double({ noNaN: false })),
      {
        minLength: 1,
        maxLength: SAMPLES_PER_CHUNK,
      },
    )
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 42 }), samples, (startMs, noted) => {
        let timeMs = startMs
        const times = noted.map(([intervalMs]) => {
          timeMs += intervalMs
          return timeMs
        })
        const values = Float64Array.from(noted, ([, value]) => value)
        const back = roundTrip(times, values)
        expect(back.times).toEqual(times)
        expect(back.words).toEqual([...new Uint32Array(values.buffer)])
      }),
      { seed: 7, numRuns: 500 },
    )
  })

  it('keeps a stale marker apart from any other NaN', () => {
    const values = new Float64Array([1, Number.NaN, 0, 2])
    writeStale(values, 2)
    const back = roundTrip([0, 15, 30, 45], values)
    expect([0, 1, 2, 3].map((at) => isStale(back.values, at))).toEqual([false, false, true, false])
  })

  it('is small where series are as most are', () => {
    const times = Array.from(
      { length: SAMPLES_PER_CHUNK },
      (_, at) => 1_700_000_000_000 + at * 15_000,
    )
    const constant = roundTrip(times, new Float64Array(times.length).fill(42))
    const counter = roundTrip(
      times,
      Float64Array.from(times, (_, at) => 1_000_000 + at * 137),
    )
    expect(constant.chunk.bytes.length).toBeLessThan(50)
    expect(counter.chunk.bytes.length).toBeLessThan(SAMPLES_PER_CHUNK * 4)
  })

  it('is full after its samples, or when one comes much later', () => {
    const writer = new ChunkWriter()
    const values = new Float64Array(1)
    for (let at = 0; at < SAMPLES_PER_CHUNK; at++) {
      expect(writer.fits(at)).toBe(true)
      writer.append(at, values, 0)
    }
    expect(writer.fits(SAMPLES_PER_CHUNK)).toBe(false)
    const gap = new ChunkWriter()
    gap.append(0, values, 0)
    expect(gap.fits(2 ** 30 - 1)).toBe(true)
    expect(gap.fits(2 ** 30)).toBe(false)
  })
})
