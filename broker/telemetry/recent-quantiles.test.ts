import { expect, it } from 'vitest'
import { createSimTime } from '../../kit/testing.ts'
import { LatencyHistogram } from '../network/index.ts'
import { RecentQuantiles } from './recent-quantiles.ts'

it('forgets what was recorded more than two minutes ago', async () => {
  const time = createSimTime()
  const quantiles = new RecentQuantiles(time.clock)
  const histogram = new LatencyHistogram()
  quantiles.refresh([histogram])
  expect(quantiles.of(histogram)).toEqual(Array(6).fill(Number.NaN))
  for (let n = 0; n < 1_000; n++) histogram.record(500)
  const slow = quantiles.of(histogram)
  expect(slow[0]).toBeGreaterThan(450)
  for (let minute = 0; minute < 3; minute++) {
    await time.advance(61_000)
    quantiles.refresh([histogram])
  }
  for (let n = 0; n < 99; n++) histogram.record(1)
  histogram.record(100)
  const [p50 = 0, , , p98 = 0, p99 = 0, p999 = 0] = quantiles.of(histogram)
  for (const fast of [p50, p98, p99]) expect(fast).toBeLessThan(1.2)
  expect(p999).toBeGreaterThan(99)
})
