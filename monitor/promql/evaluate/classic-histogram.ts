/** One bucket of a classic histogram: how many observations are at most `upperBound`. */
export interface Bucket {
  readonly upperBound: number
  count: number
}

/** Counts that differ by less than this part of their sum are taken for equal: rates of counters carry rounding errors. */
const TOLERANCE = 1e-12

export interface BucketQuantile {
  readonly value: number
  /** Bounds and depth of counts that fell from one bucket to the next and were raised; null when none did. */
  readonly bent: { minBound: number; maxBound: number; maxDifference: number } | null
}

/**
 * The value below which the part `q` of the observations lies, linear within a bucket. NaN without a `+Inf`
 * bucket, with fewer than two buckets, or without observations.
 */
export function bucketQuantile(q: number, unsorted: readonly Bucket[]): BucketQuantile {
  const whole = (value: number): BucketQuantile => ({ value, bent: null })
  if (Number.isNaN(q)) return whole(Number.NaN)
  if (q < 0) return whole(Number.NEGATIVE_INFINITY)
  if (q > 1) return whole(Number.POSITIVE_INFINITY)
  const buckets = coalesced(unsorted)
  const last = buckets.at(-1)
  if (last === undefined || last.upperBound !== Number.POSITIVE_INFINITY) return whole(Number.NaN)
  const bent = raiseFallingCounts(buckets)
  if (buckets.length < 2 || last.count === 0) return { value: Number.NaN, bent }
  return { value: interpolate(q * last.count, buckets), bent }
}

function interpolate(rank: number, buckets: readonly Bucket[]): number {
  const found = buckets.findIndex((bucket, at) => at === buckets.length - 1 || bucket.count >= rank)
  const bucket = buckets[found] as Bucket
  const below = buckets[found - 1]
  if (found === buckets.length - 1) return below?.upperBound ?? Number.NaN
  if (below === undefined && bucket.upperBound <= 0) return bucket.upperBound
  const lowerBound = below?.upperBound ?? 0
  const lowerCount = below?.count ?? 0
  const share = (rank - lowerCount) / (bucket.count - lowerCount)
  return lowerBound + (bucket.upperBound - lowerBound) * share
}

/** The part of the observations between two values. */
export function bucketFraction(lower: number, upper: number, unsorted: readonly Bucket[]): number {
  const buckets = coalesced(unsorted)
  const last = buckets.at(-1)
  if (last === undefined || last.upperBound !== Number.POSITIVE_INFINITY) return Number.NaN
  if (last.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN
  if (lower >= upper) return 0
  const rank = (value: number) => Math.min(rankOf(value, buckets), last.count)
  return (rank(upper) - rank(lower)) / last.count
}

/** How many observations lie below a value; buckets without an end on one side are not divided. */
function rankOf(value: number, buckets: readonly Bucket[]): number {
  let lowerBound = (buckets[0]?.upperBound ?? 0) <= 0 ? Number.NEGATIVE_INFINITY : 0
  let rank = 0
  for (const bucket of buckets) {
    if (lowerBound >= value) return rank
    if (bucket.upperBound > value) {
      if (lowerBound === Number.NEGATIVE_INFINITY) return bucket.count
      return (
        rank + ((bucket.count - rank) * (value - lowerBound)) / (bucket.upperBound - lowerBound)
      )
    }
    rank = bucket.count
    lowerBound = bucket.upperBound
  }
  return rank
}

/** Sorted by bound, with the counts of equal bounds added up. */
function coalesced(unsorted: readonly Bucket[]): Bucket[] {
  const buckets: Bucket[] = []
  for (const bucket of [...unsorted].sort((a, b) => a.upperBound - b.upperBound || 0)) {
    const last = buckets.at(-1)
    if (last !== undefined && last.upperBound === bucket.upperBound) last.count += bucket.count
    else buckets.push({ ...bucket })
  }
  return buckets
}

function raiseFallingCounts(buckets: readonly Bucket[]): BucketQuantile['bent'] {
  const raised: { bound: number; difference: number }[] = []
  let highest = buckets[0]?.count ?? 0
  for (const bucket of buckets.slice(1)) {
    const { count, upperBound } = bucket
    if (count >= highest && !almostEqual(count, highest)) {
      highest = count
      continue
    }
    if (!almostEqual(count, highest))
      raised.push({ bound: upperBound, difference: highest - count })
    bucket.count = highest
  }
  if (raised.length === 0) return null
  const bounds = raised.map((one) => one.bound)
  return {
    minBound: Math.min(...bounds),
    maxBound: Math.max(...bounds),
    maxDifference: Math.max(...raised.map((one) => one.difference)),
  }
}

function almostEqual(a: number, b: number): boolean {
  if (a === b) return true
  return Math.abs(a - b) / (Math.abs(a) + Math.abs(b)) < TOLERANCE
}
