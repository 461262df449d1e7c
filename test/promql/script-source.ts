import type {
  Labels,
  Matcher,
  NotedSeries,
  NotedValue,
  Series,
  SeriesSource,
} from '../../monitor/promql/index.ts'
import { UnsupportedFeatureError, writeStale } from '../../monitor/promql/index.ts'

interface StoredSeries {
  readonly labels: Labels
  readonly samples: Map<number, NotedValue>
  hasStartTimestamps: boolean
}

/** What the load commands of a script have put together. Selecting what the engine leaves out ends the query. */
export class ScriptSource implements SeriesSource {
  readonly #series = new Map<string, StoredSeries>()

  /** The first value is at time 0, each further one a step later. */
  load(series: NotedSeries, stepMs: number): void {
    const stored: StoredSeries = this.#series.get(series.labels.key) ?? {
      labels: series.labels,
      samples: new Map(),
      hasStartTimestamps: false,
    }
    this.#series.set(series.labels.key, stored)
    series.values.forEach((value, at) => {
      if (value === 'start timestamps') stored.hasStartTimestamps = true
      else if (value !== 'gap') stored.samples.set(at * stepMs, value)
    })
  }

  clear(): void {
    this.#series.clear()
  }

  *select(matchers: readonly Matcher[], fromMs: number, toMs: number): Generator<Series> {
    for (const { labels, samples, hasStartTimestamps } of this.#series.values()) {
      if (!matchers.every((matcher) => matcher.matches(labels))) continue
      if (hasStartTimestamps) throw new UnsupportedFeatureError('start timestamps')
      const inside = [...samples].filter(([timeMs]) => timeMs >= fromMs && timeMs <= toMs)
      if (inside.length === 0) continue
      const leftOut = inside.find(([, value]) => typeof value === 'string' && value !== 'stale')
      if (leftOut !== undefined) throw new UnsupportedFeatureError(String(leftOut[1]))
      yield toSeries(
        labels,
        inside.sort(([a], [b]) => a - b),
      )
    }
  }
}

function toSeries(labels: Labels, samples: readonly (readonly [number, NotedValue])[]): Series {
  const times = new Float64Array(samples.length)
  const values = new Float64Array(samples.length)
  samples.forEach(([timeMs, value], at) => {
    times[at] = timeMs
    if (value === 'stale') writeStale(values, at)
    else values[at] = Number(value)
  })
  return { labels, times, values, length: samples.length }
}
