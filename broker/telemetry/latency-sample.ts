import type { LatencyHistogram } from '../network/index.ts'
import { LATENCY_BUCKETS, latencyBucketBoundMs } from '../network/index.ts'
import type { HistogramSample, Labels } from './family.ts'

/**
 * Bounds that are exposed, in milliseconds: 32 microseconds to 33 seconds in doublings. They are
 * bounds of the recorder's own buckets, so that no observation is counted on the wrong side.
 */
const EXPOSED_BOUNDS_MS: readonly number[] = Array.from({ length: 21 }, (_, n) => 0.032 * 2 ** n)

/** For each exposed bound, how many of the recorder's buckets lie at or below it. */
const BUCKETS_BELOW: readonly number[] = EXPOSED_BOUNDS_MS.map((boundMs) => {
  let bucket = 0
  while (bucket < LATENCY_BUCKETS && latencyBucketBoundMs(bucket) <= boundMs * (1 + 1e-9)) bucket++
  return bucket
})

/** A recorder's counts as a Prometheus histogram in seconds. */
export function latencySample(labels: Labels, histogram: LatencyHistogram): HistogramSample {
  const buckets: (readonly [number, number])[] = []
  let cumulative = 0
  let next = 0
  EXPOSED_BOUNDS_MS.forEach((boundMs, n) => {
    const below = BUCKETS_BELOW[n] ?? 0
    for (; next < below; next++) cumulative += histogram.counts[next] ?? 0
    buckets.push([Number((boundMs / 1000).toPrecision(6)), cumulative])
  })
  return { labels, buckets, sum: histogram.sumMs / 1000, count: histogram.count }
}
