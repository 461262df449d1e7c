export {
  ERROR_STATUS,
  type ErrorType,
  errorTypeOf,
  type QueryOutcome,
} from './query-answer.ts'
export type { Queries, QueryRequest } from './query-port.ts'
export { type QueryLimits, QueryThreads } from './query-threads.ts'
export { REMOTE_TIMEOUT_MS, type RemoteOptions, RemotePrometheus } from './remote-prometheus.ts'
