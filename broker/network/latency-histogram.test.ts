import { describe, expect, it } from 'vitest'
import { LATENCY_BUCKETS, LatencyHistogram, latencyBucketBoundMs } from './latency-histogram.ts'

function bucketOf(durationMs: number): number {
  const histogram = new LatencyHistogram()
  histogram.record(durationMs)
  return histogram.counts.indexOf(1)
}

describe('LatencyHistogram', () => {
  it.each([0, 0.0005, 0.001, 0.007, 0.008, 0.0159, 0.5, 1, 9.99, 100, 12_345, 3_600_000])(
    'counts %d ms in the bucket that it lies in',
    (ms) => {
      const bucket = bucketOf(ms)
      expect(ms).toBeLessThan(latencyBucketBoundMs(bucket))
      if (bucket > 0) expect(ms).toBeGreaterThanOrEqual(latencyBucketBoundMs(bucket - 1))
    },
  )

  it('has bounds that grow', () => {
    for (let bucket = 1; bucket < LATENCY_BUCKETS; bucket++) {
      expect(latencyBucketBoundMs(bucket)).toBeGreaterThan(latencyBucketBoundMs(bucket - 1))
    }
  })

  it('counts what is beyond its range, and a clock that went back, at the ends', () => {
    expect(bucketOf(1e12)).toBe(LATENCY_BUCKETS - 1)
    expect(bucketOf(-5)).toBe(0)
  })

  it('knows a quantile to within an eighth', () => {
    const histogram = new LatencyHistogram()
    for (let ms = 1; ms <= 1000; ms++) histogram.record(ms)
    expect(histogram.count).toBe(1000)
    expect(histogram.sumMs).toBe(500_500)
    for (const quantile of [0.01, 0.5, 0.99, 1]) {
      const exact = quantile * 1000
      expect(histogram.quantileMs(quantile)).toBeGreaterThanOrEqual(exact)
      expect(histogram.quantileMs(quantile)).toBeLessThan(exact * 1.13 + 0.2)
    }
    expect(new LatencyHistogram().quantileMs(0.5)).toBe(0)
  })
})
