import { summarize } from '../../measure/statistics.ts'
import { decimals, mebibytes, whole } from '../../report/figures.ts'
import { renderMarkdown } from '../../report/table.ts'
import type { Measurement } from '../../run/measurement.ts'
import type { Comparison } from '../comparison.ts'
import { summaryText } from './figures-text.ts'

const HEAD = [
  'load',
  'broker',
  'records/s',
  'MB/s',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'broker CPU s',
  'client CPU s',
  'RSS MiB',
]

interface Side {
  readonly broker: string
  readonly runs: readonly Measurement[]
}

/** Rates, latencies and what they cost, one row for each broker. */
export function renderFigures(comparisons: readonly Comparison[]): readonly string[] {
  const rows = comparisons.flatMap((one) =>
    sidesOf(one)
      .filter(({ runs }) => runs.some(hasRateOrLatency))
      .map((side) => figuresRow(one, side)),
  )
  const others = comparisons.flatMap((one) => sidesOf(one).flatMap((side) => otherRows(one, side)))
  return [
    ...(rows.length > 0 ? [renderMarkdown({ head: HEAD, rows })] : []),
    ...(others.length > 0
      ? [
          '',
          renderMarkdown({
            head: ['load', 'broker', 'figure', 'median (range)', ''],
            rows: others,
          }),
        ]
      : []),
  ]
}

function sidesOf({ pairs }: Comparison): readonly Side[] {
  const kafka = pairs.map((pair) => pair.kafka).filter((run) => run !== null)
  return [
    { broker: 'Glasslog', runs: pairs.map((pair) => pair.glasslog) },
    ...(kafka.length > 0 ? [{ broker: 'Apache Kafka', runs: kafka }] : []),
  ]
}

function hasRateOrLatency(run: Measurement): boolean {
  return run.recordsPerSecond !== null || run.latencyMs !== null
}

function figuresRow({ name, conditions }: Comparison, { broker, runs }: Side): readonly string[] {
  const median = (of: (run: Measurement) => number | null | undefined): number | null => {
    const values = runs.map(of).filter((value) => value !== null && value !== undefined)
    return values.length === 0 ? null : summarize(values).median
  }
  const rate = median((run) => run.recordsPerSecond)
  // A tool's own start and end are in the time of its process, so CPU time says nothing there.
  const perMillion = (of: (run: Measurement) => number | null): number | null =>
    conditions.client === 'raw' ? median((run) => perMillionRecords(of(run), run)) : null
  return [
    name,
    broker,
    rate === null ? '-' : whole(rate),
    decimals(median((run) => run.megabytesPerSecond)),
    decimals(median((run) => run.latencyMs?.p50)),
    decimals(median((run) => run.latencyMs?.p99)),
    decimals(median((run) => run.latencyMs?.p999)),
    decimals(perMillion((run) => run.brokerCpuSeconds)),
    decimals(perMillion((run) => run.generatorCpuSeconds)),
    mebibytes(median((run) => run.brokerResidentBytes)),
  ]
}

function perMillionRecords(cpuSeconds: number | null, run: Measurement): number | null {
  if (cpuSeconds === null || run.recordsPerSecond === null) return null
  return cpuSeconds / ((run.recordsPerSecond * run.seconds) / 1e6)
}

/** What only some loads find out, with the last run's own words. */
function otherRows({ name }: Comparison, { broker, runs }: Side): readonly (readonly string[])[] {
  const last = runs.at(-1)
  return Object.keys(last?.figures ?? {}).map((figure, i) => {
    const values = runs.map((run) => run.figures[figure]).filter((value) => value !== undefined)
    return [
      name,
      broker,
      figure,
      summaryText(summarize(values)),
      i === 0 ? (last?.detail ?? '') : '',
    ]
  })
}
