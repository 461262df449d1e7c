import { describe, expect, it } from 'vitest'
import { pairRatios, summarize } from './statistics.ts'

describe('summarize', () => {
  it.each([
    [[3], { median: 3, min: 3, max: 3 }],
    [[10, 2, 4], { median: 4, min: 2, max: 10 }],
    [[100, 20, 3, 4], { median: 12, min: 3, max: 100 }],
  ])('%j', (values, expected) => {
    expect(summarize(values)).toEqual(expected)
  })

  it('refuses to speak about nothing', () => {
    expect(() => summarize([])).toThrow(RangeError)
  })
})

describe('pairRatios', () => {
  it('divides within each pair, not across pairs', () => {
    const pairs = [
      { ours: 10, theirs: 5 },
      { ours: 100, theirs: 100 },
      { ours: 30, theirs: 10 },
    ]
    expect(pairRatios(pairs)).toEqual({ median: 2, min: 1, max: 3 })
  })
})
