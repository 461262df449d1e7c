import type { BucketCounts } from '../../kit/index.ts'
import type { HistogramSample, Labels } from './family.ts'

/** Counts of milliseconds as a Prometheus histogram in seconds. */
export function countsSample(
  labels: Labels,
  { bounds, counts, sum, count }: BucketCounts,
): HistogramSample {
  let cumulative = 0
  const buckets = bounds.map((boundMs, n) => {
    cumulative += counts[n] ?? 0
    return [boundMs / 1000, cumulative] as const
  })
  return { labels, buckets, sum: sum / 1000, count }
}
