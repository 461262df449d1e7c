import type { ErrorName } from '../../../protocol/index.ts'
import { kafkaProblem, STATUS_OF_KAFKA_ERROR } from './kafka-problems.ts'
import { HTTP_PROBLEMS } from './problem.ts'
import type { ProblemRow } from './problem-row.ts'

/** Every code of a problem document, for docs. */
export function listProblems(): readonly ProblemRow[] {
  const own = Object.entries(HTTP_PROBLEMS).map(([code, row]) => ({ code, ...row }))
  const kafka = (Object.keys(STATUS_OF_KAFKA_ERROR) as ErrorName[]).map(kafkaProblem)
  return [...own, ...kafka].sort((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1))
}
