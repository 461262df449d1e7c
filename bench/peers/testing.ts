import type { Measurement } from '../run/measurement.ts'
import type { Comparison } from './comparison.ts'

/** A comparison as it is after pairs of these rates, for tests. */
export function comparison(
  name: string,
  rates: readonly (readonly [glasslog: number, kafka: number])[],
): Comparison {
  return {
    name,
    conditions: {
      client: 'raw',
      load: JSON.stringify({ kind: 'produce', partitions: 3, batch: { recordBytes: 100 } }),
      summary: `what ${name} is`,
      machine: 'a machine',
      cores: 'two cores',
      glasslogVersion: '0.1.0',
      kafkaVersion: '4.1.2',
      warmupMs: 1_000,
      measureMs: 2_000,
      scale: 1,
    },
    commands: { glasslog: 'node glasslog', kafka: 'java kafka' },
    fdatasync: { calls: 10, p50Ms: 0.1, p99Ms: 1 },
    pairs: rates.map(([glasslog, kafka]) => ({
      at: '2026-01-02T03:04:05.000Z',
      glasslog: measurement(name, glasslog),
      kafka: measurement(name, kafka),
    })),
  }
}

function measurement(load: string, recordsPerSecond: number): Measurement {
  return {
    load,
    seconds: 2,
    recordsPerSecond,
    megabytesPerSecond: recordsPerSecond / 1_000,
    latencyMs: { p50: recordsPerSecond, p99: recordsPerSecond * 2, p999: recordsPerSecond * 3 },
    brokerCpuSeconds: 1,
    brokerResidentBytes: 1024 * 1024,
    generatorCpuSeconds: 0.5,
    figures: {},
    detail: '',
  }
}
