/** The labels of one series. Values come from bounded sets: groups, integrations, results. */
export type FamilyLabels = Readonly<Record<string, string | number>>

export interface FamilySample {
  readonly labels: FamilyLabels
  readonly value: number
}

/** A histogram as it is exposed: cumulative counts at or below each bound. */
export interface FamilyHistogram {
  readonly labels: FamilyLabels
  /** Ascending; the infinite bucket is `count`. */
  readonly buckets: readonly (readonly [bound: number, cumulativeCount: number])[]
  readonly sum: number
  readonly count: number
}

interface FamilyDescription {
  /** As it is exposed: counters end in `_total`. */
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** The test that moves it, as a path from the repository's root. */
  readonly movedBy: string
}

/**
 * One metric family of the monitor itself: a row of docs/metrics.md and the way to read its values. Values are read from
 * plain numbers when somebody scrapes.
 */
export type Family = FamilyDescription &
  (
    | { readonly type: 'counter' | 'gauge'; samples(): Iterable<FamilySample> }
    | { readonly type: 'histogram'; samples(): Iterable<FamilyHistogram> }
  )
