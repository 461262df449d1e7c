/** One kind of problem: its code is stable, and the same code always has the same status and title. */
export interface ProblemRow {
  readonly code: string
  readonly status: number
  readonly title: string
}
