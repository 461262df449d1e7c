import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import { Histogram } from './histogram.ts'

describe('Histogram', () => {
  it('answers 0 when nothing was counted', () => {
    expect(new Histogram().percentile(99)).toBe(0)
  })

  it('is exact for small values', () => {
    const histogram = new Histogram()
    for (let value = 1; value <= 200; value++) histogram.record(value)
    expect(histogram.percentile(50)).toBe(100)
    expect(histogram.percentile(99)).toBe(198)
    expect(histogram.percentile(100)).toBe(200)
    expect(histogram.percentile(0)).toBe(1)
  })

  it('stays within 1 % of the sorted values and never above the largest', () => {
    const random = seededRandom(7)
    const histogram = new Histogram()
    const values = Array.from({ length: 20_000 }, () => random.below(2 ** random.below(31)))
    for (const value of values) histogram.record(value)
    values.sort((a, b) => a - b)
    for (const percent of [1, 10, 50, 90, 99, 99.9, 100]) {
      const exact = values[Math.ceil((percent / 100) * values.length) - 1] ?? 0
      expect(histogram.percentile(percent)).toBeGreaterThanOrEqual(exact)
      expect(histogram.percentile(percent)).toBeLessThanOrEqual(exact * 1.01)
    }
  })

  it('counts a value several times at once', () => {
    const histogram = new Histogram()
    histogram.record(10, 99)
    histogram.record(1_000)
    expect(histogram.total).toBe(100)
    expect(histogram.percentile(99)).toBe(10)
    expect(histogram.percentile(99.9)).toBe(1_000)
  })

  it('takes values outside of its range for the ends of the range', () => {
    const histogram = new Histogram()
    histogram.record(-5)
    histogram.record(1e12)
    expect(histogram.percentile(50)).toBe(0)
    expect(histogram.percentile(100)).toBe(0x7fff_ffff)
  })
})
