import type { Measurement } from '../run/measurement.ts'

/** What a figure shall be: by its ratio Glasslog : Apache Kafka, or Glasslog's own whatever Kafka's is. */
export interface Goal {
  readonly load: string
  readonly figure: string
  /** Null where a run has no such figure. */
  readonly of: (run: Measurement) => number | null
  readonly judged: 'ratio' | 'own'
  readonly atLeast?: number
  readonly atMost?: number
}

type Bound = Pick<Goal, 'atLeast' | 'atMost'>

const rate = (run: Measurement): number | null => run.recordsPerSecond

function ratioOfRates(load: string, atLeast: number, figure = 'records/s'): Goal {
  return { load, figure, of: rate, judged: 'ratio', atLeast }
}

/** A goal for one of `Measurement.figures`. */
function named(load: string, figure: string, judged: Goal['judged'], bound: Bound): Goal {
  return { load, figure, of: (run) => run.figures[figure] ?? null, judged, ...bound }
}

function latency(figure: string, of: Goal['of']): Goal {
  return { load: 'latency', figure, of, judged: 'ratio', atMost: 0.7 }
}

/** The goals that were set before anything was measured. */
export const goals: readonly Goal[] = [
  ratioOfRates('produce-1k', 1.3),
  ratioOfRates('produce-100b', 1.3),
  ratioOfRates('produce-100-partitions', 1.3),
  ratioOfRates('requests', 2, 'requests/s'),
  ratioOfRates('consume-tail', 1.2),
  ratioOfRates('consume-start', 1.2),
  named('consume-10gb', 'records/s, cache as left', 'ratio', { atLeast: 1.2 }),
  named('consume-10gb', 'records/s, cache cold', 'ratio', { atLeast: 1.2 }),
  ratioOfRates('both-ways', 1.3),
  { load: 'both-ways', figure: 'records/s', of: rate, judged: 'own', atLeast: 220_000 },
  latency('p50 ms', (run) => run.latencyMs?.p50 ?? null),
  latency('p99 ms', (run) => run.latencyMs?.p99 ?? null),
  latency('p99.9 ms', (run) => run.latencyMs?.p999 ?? null),
  named('latency', 'mean ms', 'ratio', { atMost: 0.7 }),
  named('start', 'first start ms', 'ratio', { atMost: 0.2 }),
  named('start', 'second start ms', 'ratio', { atMost: 0.2 }),
  named('idle', 'RSS MiB', 'ratio', { atMost: 0.3 }),
  named('tls', 'TLS : plain, records/s', 'own', { atLeast: 0.6 }),
  named('acls', 'ACLs : plain, CPU', 'own', { atMost: 1.02 }),
  named('restart', 'first write ms', 'ratio', { atMost: 0.3 }),
  named('restart', 'last record read ms', 'ratio', { atMost: 0.3 }),
  named('many-partitions', 'many : few', 'own', { atMost: 1.5 }),
  named('connections', 'memory growth MB', 'own', { atMost: 100 }),
  named('neighbours', 'slow reader : alone', 'own', { atMost: 2 }),
  named('neighbours', 'reader far behind : alone', 'own', { atMost: 2 }),
]

/** The goal in a few characters, such as `>= 1.3`. */
export function goalText({ judged, atLeast, atMost }: Goal): string {
  const bound = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast.toLocaleString('en-US')}`
  return judged === 'own' ? `Glasslog ${bound}` : bound
}

export function isMet({ atLeast, atMost }: Bound, value: number): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
}
