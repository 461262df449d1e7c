/** The labels of one series. Values come from bounded sets: topics, partitions, groups, API names. */
export type Labels = Readonly<Record<string, string | number>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** A histogram as it is exposed: counts of observations at or below each bound. */
export interface HistogramSample {
  readonly labels: Labels
  /** Ascending upper bounds with cumulative counts; the infinite bucket is `count`. */
  readonly buckets: readonly (readonly [bound: number, cumulativeCount: number])[]
  readonly sum: number
  readonly count: number
}

interface FamilyDescription {
  /** As it is exposed in Prometheus text: counters end in `_total`. */
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** The test that moves it, as a path from the repository's root. */
  readonly movedBy: string
}

/**
 * One metric family: a row of docs/metrics.md and the way to read its values. Values are read from
 * plain numbers when somebody scrapes; nothing is computed before.
 */
export type Family = FamilyDescription &
  (
    | { readonly type: 'counter' | 'gauge'; samples(): Iterable<Sample> }
    | { readonly type: 'histogram'; samples(): Iterable<HistogramSample> }
  )
