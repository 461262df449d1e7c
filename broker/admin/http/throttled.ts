import { kafkaProblem } from './kafka-problems.ts'
import { Problem } from './problem.ts'

/** A quota is used up: 429, and when to try again. */
export function throttled(waitMs: number, detail: string): Problem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new Problem(
    kafkaProblem('THROTTLING_QUOTA_EXCEEDED'),
    `${detail}; try again in ${seconds} s`,
    [],
    seconds,
  )
}
