import { describe, expect, it } from 'vitest'
import type { Comparison } from './comparison.ts'
import { runsBefore, withRuns } from './earlier-runs.ts'
import { comparison } from './testing.ts'

function onDay(day: number, ours: number): Comparison {
  const one = comparison('produce-1k', [[ours, 100]])
  const at = `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`
  return { ...one, pairs: one.pairs.map((pair) => ({ ...pair, at })) }
}

describe('earlier runs', () => {
  it('keep the medians of a run that was replaced', () => {
    const first = withRuns([], [onDay(1, 130)])
    const [before] = runsBefore(withRuns(first, [onDay(2, 150)]), onDay(2, 150))
    expect(before?.figures).toEqual([
      { figure: 'records/s', glasslog: 130, kafka: 100, ratio: 1.3 },
    ])
  })

  it('grow with a run that gains pairs, not by it', () => {
    const runs = withRuns(withRuns([], [onDay(1, 130)]), [onDay(1, 140)])
    expect(runs).toHaveLength(1)
    expect(runs[0]?.figures[0]?.glasslog).toBe(140)
    expect(runsBefore(runs, onDay(1, 140))).toEqual([])
  })

  it('forget the oldest of a load', () => {
    let runs = withRuns([], [])
    for (let day = 1; day <= 9; day++) runs = withRuns(runs, [onDay(day, day)])
    expect(runs.map(({ at }) => at.slice(8, 10))).toEqual(['09', '08', '07', '06', '05'])
  })
})
