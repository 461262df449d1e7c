import type { Labels, QueryResult } from '../promql/index.ts'
import type { NotedSample } from './active-alerts.ts'

/** What rules are evaluated over and written to. */
export interface RuleStorage {
  /** An instant query. Rejects with a ParseError or an EvaluationError. */
  query(expression: string, atMs: number): Promise<QueryResult>
  /** The same over what rules themselves have written. */
  queryWritten(expression: string, atMs: number): Promise<QueryResult>
  /** The same over the recent past alone, at once: for templates. */
  recentQuery(expression: string, atMs: number): QueryResult
  /** Samples of one time. */
  append(samples: readonly NotedSample[], atMs: number): void
  /** Ends series. */
  end(series: readonly Labels[], atMs: number): void
}

/** What links and labels of alerts say of where they come from. */
export interface RuleContext {
  readonly externalUrl: string
  readonly externalLabels: Readonly<Record<string, string>>
}
