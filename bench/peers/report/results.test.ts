import { describe, expect, it } from 'vitest'
import type { Comparison } from '../comparison.ts'
import { withRuns } from '../earlier-runs.ts'
import { comparison } from '../testing.ts'
import { renderResults } from './results.ts'

const render = (comparisons: readonly Comparison[]): string => renderResults(comparisons, [])

describe('renderResults', () => {
  it('says of a goal whether it was met, by the median of the ratios of the pairs', () => {
    const text = render([
      comparison('produce-1k', [
        [130, 100],
        [260, 100],
        [100, 100],
      ]),
    ])
    expect(text).toContain(
      '| produce-1k | records/s | 3 | 130 (100 to 260) | 100 (100 to 100) | 1.30 (1.00 to 2.60) | >= 1.3 | met |',
    )
  })

  it('says as plainly of a goal that it was missed', () => {
    const text = render([comparison('requests', [[150, 100]])])
    expect(text).toContain('| 1.50 (1.50 to 1.50) | >= 2 | **missed** |')
  })

  it('takes low latency for good', () => {
    const text = render([comparison('latency', [[1, 2]])])
    expect(text).toContain(
      '| latency | p99 ms | 1 | 2.00 (2.00 to 2.00) | 4.00 (4.00 to 4.00) | 0.50 (0.50 to 0.50) | <= 0.7 | met |',
    )
  })

  it('names the exact command and keeps the order of the loads', () => {
    const text = render([comparison('latency', [[1, 2]]), comparison('produce-1k', [[1, 2]])])
    expect(text).toContain('`npm run bench:peers -- --load latency --pairs 1 --seconds 2`')
    expect(text.indexOf('**produce-1k**')).toBeLessThan(text.indexOf('**latency**'))
  })

  it("does not give a tool's run out for one of the load's own producers", () => {
    const one = comparison('produce-1k', [[1, 2]])
    const text = render([{ ...one, conditions: { ...one.conditions, client: 'kafka-tools' } }])
    expect(text).toContain('records of 100 B, 3 partitions, one producer with acks=all')
    expect(text).not.toContain(one.conditions.summary)
    expect(text).toContain('--client kafka-tools`')
  })

  it('says what was not measured, and what nobody has explained', () => {
    const text = render([comparison('produce-1k', [[100, 100]])])
    expect(text).toMatch(/\*\*Not measured\*\*: .*restart/)
    expect(text).toContain('**produce-1k** misses records/s:')
  })

  it('shows a load that has no peer without a ratio', () => {
    const { pairs, ...rest } = comparison('both-ways', [[230_000, 1]])
    const text = render([{ ...rest, pairs: pairs.map((pair) => ({ ...pair, kafka: null })) }])
    expect(text).toContain('| - | - | Glasslog >= 220,000 | met |')
  })

  it('sets a run beside the one before it', () => {
    const now = comparison('produce-1k', [[150, 100]])
    const before = withRuns([], [comparison('produce-1k', [[100, 100]])]).map((run) => ({
      ...run,
      at: '2026-01-01T00:00:00.000Z',
    }))
    expect(renderResults([now], before)).toContain(
      '| produce-1k | records/s, ratio | 0 % | 1.50 | 2026-01-01 0.1.0: 1.00, +50 % |',
    )
  })
})
