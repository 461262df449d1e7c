import type { Clock } from '../../kit/index.ts'
import type { Selection, SeriesSource } from '../promql/index.ts'
import { PromqlEngine } from '../promql/index.ts'
import type { ChartSource } from './alert-chart.ts'

export interface ViewedStore {
  /** The series that a query needs. */
  view(selections: readonly Selection[]): Promise<SeriesSource>
}

/** A picture is not worth holding up scrapes: what would need more of it is not drawn. */
const MAX_SAMPLES = 2_000_000
const MAX_QUERY_MS = 1_000

/** Charts over the monitor's own series. */
export function storeChartSource(store: ViewedStore, clock: Clock): ChartSource {
  const planner = new PromqlEngine({ select: () => [] })
  return {
    async range(expression, startMs, endMs, stepMs) {
      const source = await store.view(planner.selections(expression, startMs, endMs, stepMs))
      const deadlineMs = clock.monotonicMs() + MAX_QUERY_MS
      const expired = () => clock.monotonicMs() > deadlineMs
      const engine = new PromqlEngine(source, { limits: { maxSamples: MAX_SAMPLES, expired } })
      const { value } = engine.range(expression, startMs, endMs, stepMs)
      return value.type === 'matrix' ? value.series : []
    },
  }
}
