/** Steps of each doubling: a value is known to within an eighth of itself. */
export const STEPS_PER_DOUBLING = 8
const STEP_BITS = 3
/** Doublings above 8 microseconds; the last bucket begins near 72 minutes. */
const DOUBLINGS = 29

/** Number of buckets of every histogram. */
export const LATENCY_BUCKETS = STEPS_PER_DOUBLING * (DOUBLINGS + 1)

/** Upper bound of a bucket in milliseconds (exclusive); Infinity for the last. */
export function latencyBucketBoundMs(bucket: number): number {
  if (bucket >= LATENCY_BUCKETS - 1) return Number.POSITIVE_INFINITY
  const next = bucket + 1
  if (next < STEPS_PER_DOUBLING) return next / 1000
  const doubling = Math.floor(next / STEPS_PER_DOUBLING) - 1
  const step = next % STEPS_PER_DOUBLING
  return ((STEPS_PER_DOUBLING + step) * 2 ** doubling) / 1000
}

/**
 * Counts durations in buckets that grow with the duration, so that recording one is a few integer
 * operations and percentiles can be read off later. Counters only grow; a reader who wants rates
 * keeps the last reading.
 */
export class LatencyHistogram {
  /** How many durations fell into each bucket; see `latencyBucketBoundMs`. */
  readonly counts = new Float64Array(LATENCY_BUCKETS)
  count = 0
  sumMs = 0

  record(durationMs: number): void {
    const ms = Math.max(durationMs, 0)
    this.count++
    this.sumMs += ms
    const index = bucketOfMs(ms)
    this.counts[index] = (this.counts[index] ?? 0) + 1
  }

  /** Upper bound in milliseconds of the bucket in which the `quantile` (0 to 1) lies; 0 when empty. */
  quantileMs(quantile: number): number {
    let left = quantile * this.count
    if (this.count === 0) return 0
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
      left -= this.counts[bucket] ?? 0
      if (left <= 0) return latencyBucketBoundMs(bucket)
    }
    return Number.POSITIVE_INFINITY
  }
}

/** The bucket of a duration that is not negative. */
export function bucketOfMs(ms: number): number {
  const microseconds = ms * 1000
  if (microseconds >= 0xffff_ffff) return LATENCY_BUCKETS - 1
  const whole = microseconds >>> 0
  if (whole < STEPS_PER_DOUBLING) return whole
  const doubling = 31 - Math.clz32(whole) - STEP_BITS
  const step = (whole >>> doubling) & (STEPS_PER_DOUBLING - 1)
  return (doubling + 1) * STEPS_PER_DOUBLING + step
}
