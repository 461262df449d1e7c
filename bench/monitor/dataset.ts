/** Counters of a broker with many partitions, the same for each run. */
export interface Dataset {
  readonly series: readonly Readonly<Record<string, string>>[]
  readonly stepMs: number
  /** The value of a series at a step: grows at a rate of its own, with some jitter. */
  valueAt(series: number, step: number): number
}

const METRIC = 'kafka_server_brokertopicmetrics_bytesin_total'

export function countersOf(topics: number, partitions: number, stepMs: number): Dataset {
  const series = Array.from({ length: topics * partitions }, (_, at) => ({
    __name__: METRIC,
    instance: 'broker-1:9644',
    job: 'glasslog',
    partition: String(at % partitions),
    topic: `topic-${Math.floor(at / partitions)}`,
  }))
  return {
    series,
    stepMs,
    valueAt: (at, step) =>
      step * (1_000 + (at % 977)) + (((step * 7_919 + at * 104_729) >>> 0) % 701),
  }
}

export const QUERY = `sum by (topic) (rate(${METRIC}[5m]))`
