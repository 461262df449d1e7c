import type { QueryOutcome } from './query-answer.ts'

export interface QueryRequest {
  readonly expression: string
  /** An instant query has equal ends. */
  readonly startMs: number
  readonly endMs: number
  /** Null for an instant query. */
  readonly stepMs: number | null
  /** How old a sample may be to count; null for five minutes. */
  readonly lookbackMs: number | null
  /** What the caller is willing to wait; null for the limit. */
  readonly timeoutMs: number | null
}

/** Who answers queries of the HTTP API. */
export interface Queries {
  readonly running: number
  readonly waiting: number
  /** Aborting the signal ends the query wherever it is: nobody waits for its answer any more. */
  query(request: QueryRequest, signal?: AbortSignal): Promise<QueryOutcome>
  close(): Promise<void>
}
