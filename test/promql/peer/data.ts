import { seededRandom } from '../../../kit/index.ts'

/** Series as a broker's `/metrics` has them, for some hours. */
export interface PeerSeries {
  readonly series: string
  /** A value for each step; null is a scrape that did not have it. */
  readonly values: readonly (number | null)[]
}

export const STEP_MS = 15_000
export const STEPS = 4 * 240
const TOPICS = ['orders', 'payments', 'audit-log', '']
const GROUPS = ['billing', 'search']
const BOUNDS = ['0.001', '0.01', '0.1', '1', '+Inf']

/** Counters that reset, gauges that wander, a classic histogram, and gaps; the same for the same seed. */
export function peerData(seed: number): PeerSeries[] {
  const random = seededRandom(seed)
  const real = () => random.below(1_000_000) / 1_000_000
  const series: PeerSeries[] = []
  const add = (name: string, next: (at: number, last: number) => number, gaps = 0.002) => {
    let last = 0
    const values = Array.from({ length: STEPS }, (_, at) => {
      last = next(at, last)
      return real() < gaps ? null : last
    })
    series.push({ series: name, values })
  }
  const counter = (perStep: number) => (_: number, last: number) =>
    real() < 0.001 ? 0 : last + Math.floor(real() * perStep)
  for (const instance of ['a:9644', 'b:9644']) {
    const job = `job="kafka",instance="${instance}"`
    for (const topic of TOPICS) {
      for (const [metric, perStep] of [
        ['bytesin', 100_000],
        ['bytesout', 300_000],
        ['messagesin', 900],
        ['failedproducerequests', 2],
      ] as const) {
        add(
          `kafka_server_brokertopicmetrics_${metric}_total{${job},topic="${topic}"}`,
          counter(perStep),
        )
      }
    }
    for (const topic of TOPICS.slice(0, 2)) {
      for (const partition of [0, 1]) {
        const place = `${job},topic="${topic}",partition="${partition}"`
        add(`kafka_topic_partition_current_offset{${place}}`, counter(500))
        for (const group of GROUPS) {
          add(`kafka_consumergroup_lag{${place},consumergroup="${group}"}`, () =>
            Math.floor(real() * 500),
          )
        }
      }
    }
    for (const [at, bound] of BOUNDS.entries()) {
      add(
        `glasslog_request_duration_seconds_bucket{${job},api="Produce",le="${bound}"}`,
        (step) => Math.floor(step * (at + 1) * 10),
        0,
      )
    }
    add(`process_resident_memory_bytes{${job}}`, (_, last) => (last || 2e8) + (real() - 0.5) * 1e6)
    add(`process_start_time_seconds{${job}}`, (at) => (at < 500 ? 1_700_000_000 : 1_700_007_500))
    add(`up{${job}}`, () => (real() < 0.02 ? 0 : 1))
  }
  return series
}
