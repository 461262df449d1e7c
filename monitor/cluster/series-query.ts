import type { Clock } from '../../kit/index.ts'
import type { Point } from '../promql/index.ts'
import { PromqlEngine } from '../promql/index.ts'
import type { SeriesStore } from '../series/index.ts'

/** One value with its labels, without the metric's name, `job` and `instance`. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Curve {
  readonly labels: Readonly<Record<string, string>>
  readonly points: readonly Point[]
}

/** PromQL over what was scraped. Expressions are the monitor's own, so one that fails is a fault of ours. */
export interface SeriesQuery {
  /** Values that are no numbers are left out. */
  instant(expression: string, atMs: number): Promise<readonly Reading[]>
  range(
    expression: string,
    startMs: number,
    endMs: number,
    stepMs: number,
  ): Promise<readonly Curve[]>
}

/** Inspections share their thread with scrapes. */
const TIMEOUT_MS = 5_000

export function storeQuery(store: SeriesStore, clock: Clock): SeriesQuery {
  const engineFor = async (expression: string, startMs: number, endMs: number, stepMs: number) => {
    const deadlineMs = clock.monotonicMs() + TIMEOUT_MS
    const options = { limits: { expired: () => clock.monotonicMs() > deadlineMs } }
    const planner = new PromqlEngine({ select: () => [] }, options)
    const source = await store.view(planner.selections(expression, startMs, endMs, stepMs))
    return new PromqlEngine(source, options)
  }
  return {
    async instant(expression, atMs) {
      const engine = await engineFor(expression, atMs, atMs, 1)
      const { value } = engine.instant(expression, atMs)
      if (value.type === 'scalar') return finite([{ labels: {}, value: value.point[1] }])
      if (value.type !== 'vector') return []
      return finite(
        value.series.map(({ labels, points }) => ({
          labels: ownLabels(labels.toRecord()),
          value: points.at(-1)?.[1] ?? Number.NaN,
        })),
      )
    },
    async range(expression, startMs, endMs, stepMs) {
      const engine = await engineFor(expression, startMs, endMs, stepMs)
      const { value } = engine.range(expression, startMs, endMs, stepMs)
      if (value.type !== 'matrix') return []
      return value.series.map(({ labels, points }) => ({
        labels: ownLabels(labels.toRecord()),
        points: points.filter(([, number]) => Number.isFinite(number)),
      }))
    },
  }
}

function finite(readings: readonly Reading[]): readonly Reading[] {
  return readings.filter(({ value }) => Number.isFinite(value))
}

/** What every series of one target carries says nothing here. */
function ownLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const { __name__, job, instance, ...own } = labels
  return own
}
