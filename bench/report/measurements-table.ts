import type { Measurement } from '../run/measurement.ts'
import { decimals, mebibytes, whole } from './figures.ts'
import type { Table } from './table.ts'

const HEAD = [
  'load',
  'records/s',
  'MB/s',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'broker CPU s',
  'RSS MiB',
  'client CPU s',
  'of s',
  '',
]

/** One row for each run of a load. */
export function measurementsTable(measurements: readonly Measurement[]): Table {
  return {
    head: HEAD,
    rows: measurements.map((run) => [
      run.load,
      run.recordsPerSecond === null ? '-' : whole(run.recordsPerSecond),
      decimals(run.megabytesPerSecond),
      decimals(run.latencyMs?.p50),
      decimals(run.latencyMs?.p99),
      decimals(run.latencyMs?.p999),
      decimals(run.brokerCpuSeconds),
      mebibytes(run.brokerResidentBytes),
      decimals(run.generatorCpuSeconds),
      decimals(run.seconds),
      describe(run),
    ]),
  }
}

/** What only this load finds out, and what else there is to say. */
function describe({ figures, detail }: Measurement): string {
  const named = Object.entries(figures).map(([figure, value]) => `${figure} ${decimals(value)}`)
  return [...named, ...(detail === '' ? [] : [detail])].join(', ')
}
