import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import { TokenBucket } from './token-bucket.ts'

const SEED = 20_240_613
const random = seededRandom(SEED)
const between = (from: number, to: number): number => from + random.below(to - from + 1)

describe(`a token bucket (seed ${SEED})`, () => {
  it.each(Array.from({ length: 100 }, (_, run) => [run]))(
    'lets through its rate within a hundredth and its burst, whatever is taken at a time (run %i)',
    () => {
      const rate = between(100, 1_000_000)
      const burstMs = between(100, 11_000)
      const bucket = new TokenBucket(rate, burstMs, 0)
      const burst = (rate * burstMs) / 1000
      const largest = Math.ceil((rate * between(5, 200)) / 100)
      let nowMs = 0
      let taken = 0
      let mostAhead = 0
      // A client that sends as soon as it is not held any more.
      while (nowMs < 300 * burstMs) {
        const count = between(1, largest)
        bucket.take(count, nowMs)
        taken += count
        mostAhead = Math.max(mostAhead, taken - count - (rate * nowMs) / 1000)
        nowMs += bucket.waitMs(0, nowMs)
      }
      const came = (rate * nowMs) / 1000
      expect(mostAhead).toBeLessThanOrEqual(burst * (1 + 1e-6))
      expect(Math.abs(taken - came) / came).toBeLessThan(0.01)
    },
  )

  it('keeps no more than its burst, however long nothing is taken', () => {
    const bucket = new TokenBucket(1000, 1000, 0)
    expect(bucket.tokens(0)).toBe(1000)
    bucket.take(1500, 0)
    expect(bucket.tokens(0)).toBe(-500)
    expect(bucket.waitMs(0, 0)).toBe(500)
    expect(bucket.tokens(1_000_000_000)).toBe(1000)
  })

  it('holds a client that takes little for milliseconds, not for the rest of a second', () => {
    const bucket = new TokenBucket(10_000, 1000, 0)
    bucket.take(10_000, 0)
    for (let nowMs = 0; nowMs < 1000; nowMs += 10) {
      bucket.take(100, nowMs)
      expect(bucket.waitMs(0, nowMs)).toBeCloseTo(10, 6)
    }
  })

  it('waits for no more than fits', () => {
    const bucket = new TokenBucket(10, 1000, 0)
    bucket.take(10, 0)
    expect(bucket.waitMs(1_000_000, 0)).toBe(1000)
  })

  it('lets one in at a rate of less than one in its burst', () => {
    const bucket = new TokenBucket(0.1, 1000, 0, 1)
    expect(bucket.waitMs(1, 0)).toBe(0)
    bucket.take(1, 0)
    expect(bucket.waitMs(1, 0)).toBe(10_000)
  })

  it('keeps a debt when its rate changes, and pays it back at the new one', () => {
    const bucket = new TokenBucket(100, 1000, 0)
    bucket.take(300, 0)
    expect(bucket.waitMs(0, 0)).toBe(2000)
    bucket.setRate(1000, 0)
    expect(bucket.waitMs(0, 0)).toBe(200)
    bucket.setRate(10, 10_000)
    expect(bucket.tokens(10_000)).toBe(10)
  })

  it('takes no notice of time that seems to go back', () => {
    const bucket = new TokenBucket(1000, 1000, 5000)
    bucket.take(1000, 5000)
    expect(bucket.tokens(4000)).toBe(0)
    expect(bucket.tokens(5100)).toBe(100)
  })

  it('gives back what was not used, and no more than fits', () => {
    const bucket = new TokenBucket(10, 1000, 0)
    bucket.take(5, 0)
    bucket.give(100, 0)
    expect(bucket.tokens(0)).toBe(10)
  })
})
