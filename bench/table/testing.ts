import type { Entry } from './entry.ts'

/** An entry as it is after runs of these rates, for tests. */
export function entry(
  row: string,
  recordBytes: number,
  rates: readonly (readonly [written: number, read: number])[],
): Entry {
  return {
    row,
    recordBytes,
    conditions: {
      settings: 'settings of it',
      client: 'Java: a client',
      version: '1.2.3',
      machine: 'a machine',
      confinement: 'two cores',
      times: { warmupMs: 4_000, measureMs: 5_000, pacedRecordsPerSecond: 2_000, pacedMs: 3_000 },
    },
    fdatasync: { calls: 10, p50Ms: 0.1, p99Ms: 1 },
    command: `start ${row}`,
    missing: null,
    runs: rates.map(([writtenPerSecond, readPerSecond]) => ({
      at: '2026-01-02T03:04:05.000Z',
      writtenPerSecond,
      readPerSecond,
      latencyMs: { p50: 1, p99: 2, p999: 3 },
      brokerCpuSeconds: 5,
      brokerResidentBytes: 1024 * 1024,
      seconds: 5,
    })),
  }
}
