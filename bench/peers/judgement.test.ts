import { describe, expect, it } from 'vitest'
import { judge } from './judgement.ts'
import { comparison } from './testing.ts'

describe('judge', () => {
  it('judges a ratio by the median of the pairs', () => {
    const [judgement] = judge(
      comparison('produce-1k', [
        [130, 100],
        [10, 100],
        [140, 100],
      ]),
    )
    expect(judgement).toMatchObject({ isMet: true, ratio: { median: 1.3, min: 0.1, max: 1.4 } })
  })

  it("judges Glasslog's own figure whatever the peer's is", () => {
    const judgements = judge(comparison('both-ways', [[230_000, 1_000_000]]))
    expect(judgements.map(({ goal, isMet }) => [goal.judged, isMet])).toEqual([
      ['ratio', false],
      ['own', true],
    ])
  })

  it('says nothing of a figure that not every run has', () => {
    const { pairs, ...rest } = comparison('idle', [[1, 1]])
    expect(judge({ ...rest, pairs })).toEqual([])
    const withFigure = pairs.map((pair) => ({
      ...pair,
      glasslog: { ...pair.glasslog, figures: { 'RSS MiB': 50 } },
    }))
    expect(judge({ ...rest, pairs: withFigure })).toEqual([])
  })

  it('makes no ratio of a figure that a tool rounded down to nothing', () => {
    const figures = judge(comparison('latency', [[0, 1]])).map(({ goal }) => goal.figure)
    expect(figures).toEqual([])
  })
})
