import type { FamilyHistogram, FamilyLabels, FamilySample } from './family.ts'

/** Seconds: from what is not noticed to what nobody waits for. */
const BOUNDS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

/** Counts by labels. The caller sees to it that label values come from a bounded set. */
export class Counts {
  readonly #byKey = new Map<string, { readonly labels: FamilyLabels; value: number }>()

  /** Each of these is there from the start, so that a rate sees the first one that is counted. */
  constructor(known: readonly FamilyLabels[] = []) {
    for (const labels of known) this.add(labels, 0)
  }

  add(labels: FamilyLabels, value = 1): void {
    const key = JSON.stringify(labels)
    const counted = this.#byKey.get(key)
    if (counted === undefined) this.#byKey.set(key, { labels, value })
    else counted.value += value
  }

  samples(): Iterable<FamilySample> {
    return this.#byKey.values()
  }
}

/** Durations by labels, as a histogram in seconds. */
export class Durations {
  readonly #byKey = new Map<
    string,
    { readonly labels: FamilyLabels; readonly counts: number[]; sum: number; count: number }
  >()

  constructor(known: readonly FamilyLabels[] = []) {
    for (const labels of known) this.#of(labels)
  }

  observe(labels: FamilyLabels, durationMs: number): void {
    const seconds = Math.max(0, durationMs) / 1000
    const histogram = this.#of(labels)
    histogram.sum += seconds
    histogram.count++
    const at = BOUNDS_SECONDS.findIndex((bound) => seconds <= bound)
    if (at >= 0) histogram.counts[at] = (histogram.counts[at] ?? 0) + 1
  }

  samples(): FamilyHistogram[] {
    return [...this.#byKey.values()].map(({ labels, counts, sum, count }) => {
      let cumulative = 0
      const buckets = BOUNDS_SECONDS.map((bound, at) => {
        cumulative += counts[at] ?? 0
        return [bound, cumulative] as const
      })
      return { labels, buckets, sum, count }
    })
  }

  #of(labels: FamilyLabels) {
    const key = JSON.stringify(labels)
    const known = this.#byKey.get(key) ?? { labels, counts: [], sum: 0, count: 0 }
    this.#byKey.set(key, known)
    return known
  }
}
