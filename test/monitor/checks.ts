/** What checks run against. */
export interface Surroundings {
  readonly url: string
  readonly token: string
  readonly urlWithToken: string
  /** For files of a check. */
  readonly directory: string
  readonly ruleFiles: readonly string[]
}

/** One thing that must work. */
export interface Check {
  readonly name: string
  /** Null when it does; otherwise why not. */
  run(surroundings: Surroundings): Promise<string | null>
}

export interface Counts {
  readonly passed: number
  readonly failed: number
}
