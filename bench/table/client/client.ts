import type { LatencyMs } from '../../run/measurement.ts'
import type { RunningBroker } from '../brokers/running-broker.ts'

/** How long one run takes: first at full speed, then a steady stream for the latency. */
export interface RunTimes {
  readonly warmupMs: number
  readonly measureMs: number
  readonly pacedRecordsPerSecond: number
  readonly pacedMs: number
}

/** What one run counted. */
export interface RunFigures {
  readonly writtenPerSecond: number
  readonly readPerSecond: number
  /** From when a record was meant to leave until a consumer had it; null when it was not measured. */
  readonly latencyMs: LatencyMs | null
  /** The broker's, while it was measured at full speed. */
  readonly brokerCpuSeconds: number | null
  readonly brokerResidentBytes: number | null
  readonly seconds: number
}

/** A program that writes to a broker and reads from it at once. */
export interface TableClient {
  /** What it is, with the settings that a reader wants to know. */
  readonly description: string
  /** Fetches and compiles what it needs. Throws a BenchError when it cannot. */
  prepare(): Promise<void>
  run(broker: RunningBroker, recordBytes: number, times: RunTimes): Promise<RunFigures>
}
