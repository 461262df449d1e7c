import type { Family } from '../metrics/index.ts'
import { Counts, Durations } from '../metrics/index.ts'

const MOVED_BY = 'monitor/probe/probe.test.ts'

/** What may keep a record of the probe from coming through, in the order of its way. */
export const PROBE_FAILURES = ['connection', 'login', 'refused', 'unacknowledged', 'lost'] as const
export type ProbeFailure = (typeof PROBE_FAILURES)[number]

/** What the probe has seen, and its metric families. */
export class ProbeStats {
  produced = 0
  failed = 0
  received = 0
  lost = 0
  isUp = false
  readonly failures = new Counts(PROBE_FAILURES.map((reason) => ({ reason })))
  readonly #produceDurations = new Durations([{}])
  readonly #roundtripDurations = new Durations([{}])

  produceTook(durationMs: number): void {
    this.#produceDurations.observe({}, durationMs)
  }

  roundtripTook(durationMs: number): void {
    this.#roundtripDurations.observe({}, durationMs)
  }

  families(): readonly Family[] {
    const counter = (name: string, help: string, read: () => number): Family => ({
      ...{ name: `glasslog_probe_messages_${name}_total`, type: 'counter', help, labels: [] },
      movedBy: MOVED_BY,
      *samples() {
        yield { labels: {}, value: read() }
      },
    })
    const durations = (name: string, help: string, of: Durations): Family => ({
      ...{ name: `glasslog_probe_${name}_duration_seconds`, type: 'histogram', help, labels: [] },
      movedBy: MOVED_BY,
      samples: () => of.samples(),
    })
    return [
      counter('produced', 'Records that the probe tried to produce.', () => this.produced),
      counter(
        'failed',
        'Records of the probe that failed, or were not acknowledged in time.',
        () => this.failed,
      ),
      counter('received', 'Records of the probe that came back.', () => this.received),
      counter(
        'lost',
        'Records of the probe that were acknowledged and did not come back in time.',
        () => this.lost,
      ),
      {
        ...{ name: 'glasslog_probe_failures_total', type: 'counter', labels: ['reason'] },
        movedBy: MOVED_BY,
        help: 'Records of the probe that failed or were lost, by reason: connection (no way in), login (not let in), refused, unacknowledged (in time), lost (acknowledged, and not back in time).',
        samples: () => this.failures.samples(),
      },
      durations(
        'produce',
        'From sending a record of the probe to its acknowledgement.',
        this.#produceDurations,
      ),
      durations(
        'roundtrip',
        'From sending a record of the probe to its return.',
        this.#roundtripDurations,
      ),
      {
        ...{ name: 'glasslog_probe_up', type: 'gauge', labels: [], movedBy: MOVED_BY },
        help: 'Whether the last record of the probe came through.',
        samples: () => [{ labels: {}, value: this.isUp ? 1 : 0 }],
      },
    ]
  }
}
