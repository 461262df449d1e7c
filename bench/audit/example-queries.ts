import type { HistoryQuery } from '../../audit/index.ts'

/** One of each kind: by each filter, with many matches, few and none, from either end. */
export const EXAMPLE_QUERIES: readonly HistoryQuery[] = [
  {},
  { order: 'oldest' },
  { principal: 'User:operator-7' },
  { principal: 'nobody' },
  { operation: 'acl.create' },
  { operation: 'topic.*', outcome: 'failure' },
  { resource: 'orders-432' },
  { resource: 'topic:orders-77', order: 'oldest' },
  { outcome: 'TOPIC_AUTHORIZATION_FAILED' },
  { outcome: 'INVALID_CONFIG' },
  { door: 'cli' },
  { door: 'http', principal: 'operator-3', outcome: 'failure' },
  { address: '10.0.3.200' },
  { fromMs: Date.UTC(2026, 0, 3), toMs: Date.UTC(2026, 0, 3, 0, 1) },
  { q: 'orders-123' },
  { q: 'operator-17 refused' },
  { q: 'not allowed 10.0.2.99' },
  { q: 'zzzzzz' },
  { q: 'qx' },
  { q: '#' },
  { q: '9123456' },
]

/** The same as the parameters of `GET /v1/audit`. */
export function parametersOf({ fromMs, toMs, ...query }: HistoryQuery): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) parameters.set(name, String(value))
  if (fromMs !== undefined) parameters.set('from', new Date(fromMs).toISOString())
  if (toMs !== undefined) parameters.set('to', new Date(toMs).toISOString())
  return parameters
}
