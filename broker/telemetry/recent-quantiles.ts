import type { Clock } from '../../kit/index.ts'
import type { LatencyHistogram } from '../network/index.ts'
import { LATENCY_BUCKETS, latencyBucketBoundMs } from '../network/index.ts'

/** As jmx_exporter shows them. */
export const QUANTILES = ['0.50', '0.75', '0.95', '0.98', '0.99', '0.999'] as const

const WINDOW_MS = 60_000

/** A reading of a recorder, to be taken from a later one. */
interface Reading {
  readonly counts: Float64Array
  readonly count: number
}

/**
 * Percentiles of what was recorded during the last one to two minutes. The recorder itself only grows;
 * its readings of up to two minutes ago are kept, for those recorders that somebody asks about.
 */
export class RecentQuantiles {
  readonly #clock: Clock
  readonly #older = new Map<LatencyHistogram, Reading>()
  readonly #newer = new Map<LatencyHistogram, Reading>()
  #newerSinceMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be called before quantiles are read. */
  refresh(histograms: Iterable<LatencyHistogram>): void {
    const nowMs = this.#clock.monotonicMs()
    if (this.#newer.size > 0 && nowMs - this.#newerSinceMs < WINDOW_MS) return
    this.#newerSinceMs = nowMs
    for (const histogram of histograms) {
      const before = this.#newer.get(histogram)
      if (before) this.#older.set(histogram, before)
      this.#newer.set(histogram, { counts: histogram.counts.slice(), count: histogram.count })
    }
  }

  /** Milliseconds for each of `QUANTILES`; NaN when nothing was recorded. */
  of(histogram: LatencyHistogram): number[] {
    const since = this.#older.get(histogram)
    const total = histogram.count - (since?.count ?? 0)
    if (total <= 0) return QUANTILES.map(() => Number.NaN)
    const found: number[] = []
    let cumulative = 0
    for (let bucket = 0; bucket < LATENCY_BUCKETS && found.length < QUANTILES.length; bucket++) {
      cumulative += (histogram.counts[bucket] ?? 0) - (since?.counts[bucket] ?? 0)
      while (
        found.length < QUANTILES.length &&
        cumulative >= Number(QUANTILES[found.length]) * total
      ) {
        found.push(latencyBucketBoundMs(bucket))
      }
    }
    return found
  }
}
