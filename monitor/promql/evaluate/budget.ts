import { EvaluationError } from '../promql-error.ts'

/** How much one query may hold and for how long it may run. */
export interface QueryLimits {
  /** Samples in memory at once, of series that were read and of results on the way. */
  readonly maxSamples: number
  /** Points of each series in the answer. */
  readonly maxSteps: number
  /** Asked once for each series; true ends the query. */
  readonly expired: () => boolean
}

/** Prometheus' own defaults: `--query.max-samples`, and 11,000 points a series. */
export const DEFAULT_LIMITS: QueryLimits = {
  maxSamples: 50_000_000,
  maxSteps: 11_000,
  expired: () => false,
}

export class Budget {
  readonly #limits: QueryLimits
  #held = 0

  constructor(limits: QueryLimits) {
    this.#limits = limits
  }

  /** Counts samples that stay in memory until the query ends. */
  hold(samples: number): void {
    this.#held += samples
    this.check(0)
  }

  /** Looks whether `samples` more fit for a moment, and whether there is time. */
  check(samples: number): void {
    if (this.#held + samples > this.#limits.maxSamples) {
      throw new EvaluationError(
        'query processing would load too many samples into memory in query execution',
      )
    }
    if (this.#limits.expired())
      throw new EvaluationError('query timed out in expression evaluation')
  }
}
