/** Values of one power of two are told apart in this many steps, so no answer is off by 1 %. */
const STEPS = 128
const MAX_VALUE = 0x7fff_ffff
const BUCKETS = (31 - Math.log2(STEPS)) * STEPS + STEPS

/**
 * Counts whole numbers from 0 to 2^31 - 1 (here: microseconds) in buckets that grow with the value,
 * as HdrHistogram does: constant memory, constant time to record, and a bounded relative error even
 * in the far tail, which an average or a reservoir sample would lose.
 */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS)
  #total = 0
  #max = 0

  get total(): number {
    return this.#total
  }

  get max(): number {
    return this.#max
  }

  /** Counts a value `times` times. Negative values count as 0, values beyond the range as its end. */
  record(value: number, times = 1): void {
    const bounded = Math.min(Math.max(Math.round(value), 0), MAX_VALUE)
    const at = bucketOf(bounded)
    this.#counts[at] = (this.#counts[at] ?? 0) + times
    this.#total += times
    if (bounded > this.#max) this.#max = bounded
  }

  /** Smallest value that `percent` percent of the counted values do not exceed; 0 when empty. */
  percentile(percent: number): number {
    if (this.#total === 0) return 0
    const wanted = Math.max(Math.ceil((percent / 100) * this.#total), 1)
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (seen >= wanted) return Math.min(highestOf(bucket), this.#max)
    }
    return this.#max
  }
}

/** Below 2 * STEPS every value has its own bucket; above, the lowest bits are dropped. */
function bucketOf(value: number): number {
  const shift = Math.max(31 - Math.clz32(value) - Math.log2(STEPS), 0)
  return shift * STEPS + (value >>> shift)
}

function highestOf(bucket: number): number {
  if (bucket < 2 * STEPS) return bucket
  const shift = Math.floor(bucket / STEPS) - 1
  return (bucket - shift * STEPS + 1) * 2 ** shift - 1
}
