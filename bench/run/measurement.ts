import type { Histogram } from '../measure/histogram.ts'

/** One run of one load against one broker. */
export interface Measurement {
  readonly load: string
  /** How long it was measured, without warming up and draining. */
  readonly seconds: number
  /** Null for loads that are about something else. */
  readonly recordsPerSecond: number | null
  /** 10^6 bytes of record values. */
  readonly megabytesPerSecond: number | null
  readonly latencyMs: LatencyMs | null
  /** The broker's own use while it was measured; null when it does not run on this machine. */
  readonly brokerCpuSeconds: number | null
  /** At the end of the measured time. */
  readonly brokerResidentBytes: number | null
  /** The generator's, to see whether it stood in the way; null when the client is another process. */
  readonly generatorCpuSeconds: number | null
  /** What else a load finds out, by name and unit, such as `first start ms`. */
  readonly figures: Readonly<Record<string, number>>
  readonly detail: string
}

export interface LatencyMs {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** What a run found, in Measurement's words; what it leaves out does not apply to it. */
export type Outcome = Partial<Omit<Measurement, 'load'>> & Pick<Measurement, 'seconds'>

/** A measurement of this load with null, or nothing, where its outcome says nothing. */
export function measurementOf(load: string, outcome: Outcome): Measurement {
  return {
    load,
    recordsPerSecond: null,
    megabytesPerSecond: null,
    latencyMs: null,
    brokerCpuSeconds: null,
    brokerResidentBytes: null,
    generatorCpuSeconds: null,
    figures: {},
    detail: '',
    ...outcome,
  }
}

/** Rates of so many records of one size. */
export function ratesOf(
  records: number,
  recordBytes: number,
  seconds: number,
): Pick<Measurement, 'recordsPerSecond' | 'megabytesPerSecond'> {
  const recordsPerSecond = records / seconds
  return { recordsPerSecond, megabytesPerSecond: (recordsPerSecond * recordBytes) / 1e6 }
}

/** Percentiles of microseconds as milliseconds; null when nothing was counted. */
export function latencyOf(micros: Histogram): LatencyMs | null {
  if (micros.total === 0) return null
  const at = (percent: number): number => micros.percentile(percent) / 1000
  return { p50: at(50), p99: at(99), p999: at(99.9) }
}
