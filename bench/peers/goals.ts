import type { Measurement } from '../run/measurement.ts'

/** What a ratio Glasslog : Apache Kafka shall be. */
export interface Goal {
  readonly load: string
  readonly figure: string
  readonly of: (run: Measurement) => number
  readonly atLeast?: number
  readonly atMost?: number
}

const rate = (run: Measurement): number => run.recordsPerSecond

/** The goals that were set before anything was measured. */
export const goals: readonly Goal[] = [
  { load: 'produce-1k', figure: 'records/s', of: rate, atLeast: 1.3 },
  { load: 'produce-100b', figure: 'records/s', of: rate, atLeast: 1.3 },
  { load: 'produce-100-partitions', figure: 'records/s', of: rate, atLeast: 1.3 },
  { load: 'requests', figure: 'requests/s', of: rate, atLeast: 2 },
  { load: 'consume-tail', figure: 'records/s', of: rate, atLeast: 1.2 },
  { load: 'consume-start', figure: 'records/s', of: rate, atLeast: 1.2 },
  { load: 'both-ways', figure: 'records/s', of: rate, atLeast: 1.3 },
  { load: 'latency', figure: 'p50 ms', of: (run) => run.latencyMs?.p50 ?? 0, atMost: 0.7 },
  { load: 'latency', figure: 'p99 ms', of: (run) => run.latencyMs?.p99 ?? 0, atMost: 0.7 },
  { load: 'latency', figure: 'p99.9 ms', of: (run) => run.latencyMs?.p999 ?? 0, atMost: 0.7 },
]

/** The goal in a few characters, such as `>= 1.3`. */
export function goalText({ atLeast, atMost }: Goal): string {
  return atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`
}

export function isMet({ atLeast, atMost }: Goal, ratio: number): boolean {
  return (atLeast === undefined || ratio >= atLeast) && (atMost === undefined || ratio <= atMost)
}
