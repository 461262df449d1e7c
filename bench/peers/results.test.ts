import { describe, expect, it } from 'vitest'
import { renderResults } from './results.ts'
import { comparison } from './testing.ts'

describe('renderResults', () => {
  it('says of a goal whether it was met, by the median of the ratios of the pairs', () => {
    const text = renderResults([
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
    const text = renderResults([comparison('requests', [[150, 100]])])
    expect(text).toContain('| 1.50 (1.50 to 1.50) | >= 2 | **missed** |')
  })

  it('takes low latency for good', () => {
    const text = renderResults([comparison('latency', [[1, 2]])])
    expect(text).toContain(
      '| latency | p99 ms | 1 | 2.00 (2.00 to 2.00) | 4.00 (4.00 to 4.00) | 0.50 (0.50 to 0.50) | <= 0.7 | met |',
    )
  })

  it('names the exact command and keeps the order of the loads', () => {
    const text = renderResults([
      comparison('latency', [[1, 2]]),
      comparison('produce-1k', [[1, 2]]),
    ])
    expect(text).toContain('`npm run bench:peers -- --load latency --pairs 1 --seconds 2`')
    expect(text.indexOf('**produce-1k**')).toBeLessThan(text.indexOf('**latency**'))
  })

  it("does not give a tool's run out for one of the load's own producers", () => {
    const one = comparison('produce-1k', [[1, 2]])
    const text = renderResults([
      { ...one, conditions: { ...one.conditions, client: 'kafka-tools' } },
    ])
    expect(text).toContain('records of 100 B, 3 partitions, one producer with acks=all')
    expect(text).not.toContain(one.conditions.summary)
    expect(text).toContain('--client kafka-tools`')
  })
})
