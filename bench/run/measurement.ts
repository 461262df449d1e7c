/** One run of one load against one broker. */
export interface Measurement {
  readonly load: string
  /** How long it was measured, without warming up and draining. */
  readonly seconds: number
  readonly recordsPerSecond: number
  /** 10^6 bytes of record values. */
  readonly megabytesPerSecond: number
  readonly latencyMs: LatencyMs | null
  /** The broker's own use while it was measured; null when it does not run on this machine. */
  readonly brokerCpuSeconds: number | null
  /** At the end of the measured time. */
  readonly brokerResidentBytes: number | null
  /** The generator's, to see whether it stood in the way; null when the client is another process. */
  readonly generatorCpuSeconds: number | null
  readonly detail: string
}

export interface LatencyMs {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}
