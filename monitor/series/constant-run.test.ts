import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { writeStale } from '../promql/index.ts'
import type { Chunk } from './chunk.ts'
import { decodeChunk } from './chunk.ts'
import { ConstantRuns } from './constant-run.ts'

let runs = new ConstantRuns()

function begin(timeMs: number, value: number) {
  const run = runs.begin(timeMs, value)
  if (run === null) throw new Error(`no run of ${value}`)
  return run
}

/** The times of a chunk, and the bits of its values. */
function samples(chunk: Chunk): { times: number[]; words: number[] } {
  const times = new Float64Array(chunk.count)
  const values = new Float64Array(chunk.count)
  decodeChunk(chunk, times, values, 0)
  return { times: [...times], words: [...new Uint32Array(values.buffer)] }
}

const words = (...values: number[]) => [...new Uint32Array(Float64Array.from(values).buffer)]

beforeEach(() => {
  runs = new ConstantRuns()
})

describe('a run of one value', () => {
  it('is one for all series that begin together and go on together', () => {
    const first = begin(1_000, 7)
    expect(begin(1_000, 7)).toBe(first)
    const values = Float64Array.of(7)
    const second = first.extended(2_000, values, 0)
    expect(second).not.toBeNull()
    expect(first.extended(2_000, values, 0)).toBe(second)
    expect(second?.chunk()).toBe(first.extended(2_000, values, 0)?.chunk())
    expect(begin(2_000, 7)).not.toBe(first)
  })

  it('says what it holds at any length, however far others have gone on', () => {
    const times = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 120 })
    fc.assert(
      fc.property(times, fc.double({ noNaN: true }), (intervals, value) => {
        runs = new ConstantRuns()
        let timeMs = 1_000
        let run = begin(timeMs, value)
        const all = [run]
        const at = [timeMs]
        for (const intervalMs of intervals.slice(1)) {
          timeMs += intervalMs
          const longer = run.extended(timeMs, Float64Array.of(value), 0)
          if (longer === null) throw new Error('it went on')
          run = longer
          all.push(run)
          at.push(timeMs)
        }
        for (const [index, one] of all.entries()) {
          const expected = {
            times: at.slice(0, index + 1),
            words: words(...at.slice(0, index + 1).map(() => value)),
          }
          expect(samples(one.chunk())).toEqual(expected)
          expect(samples(one.writer().chunk())).toEqual(expected)
        }
      }),
      { seed: 17, numRuns: 100 },
    )
  })

  it('is left by who comes with another value, or at another time than the others', () => {
    const run = begin(1_000, 0)
    expect(run.extended(2_000, Float64Array.of(-0), 0)).toBeNull()
    expect(run.extended(2_000, Float64Array.of(1), 0)).toBeNull()
    expect(run.extended(2_000, Float64Array.of(0), 0)?.count).toBe(2)
    expect(run.extended(3_000, Float64Array.of(0), 0)).toBeNull()
    const own = run.writer()
    own.append(3_000, Float64Array.of(5), 0)
    expect(samples(own.chunk())).toEqual({ times: [1_000, 3_000], words: words(0, 5) })
    expect(begin(1_000, -0)).not.toBe(run)
    expect(runs.begin(1_000, Number.NaN)).toBeNull()
  })

  it('ends with a stale marker, for all who end then and for nobody else', () => {
    const run = begin(1_000, 3)
    const stale = Float64Array.of(0)
    writeStale(stale, 0)
    const longer = run.extended(2_000, Float64Array.of(3), 0)
    const ended = longer?.extended(3_000, stale, 0)
    expect(longer?.extended(3_000, stale, 0)).toBe(ended)
    expect(ended?.fits(4_000)).toBe(false)
    expect(ended && samples(ended.chunk()).words.slice(4)).toEqual([
      ...new Uint32Array(stale.buffer),
    ])
    const on = longer?.extended(3_000, Float64Array.of(3), 0)
    expect(on && samples(on.chunk())).toEqual({
      times: [1_000, 2_000, 3_000],
      words: words(3, 3, 3),
    })
  })
})
