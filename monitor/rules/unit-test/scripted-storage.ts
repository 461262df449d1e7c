import type { Labels, NotedSeries, QueryResult, Series, SeriesSource } from '../../promql/index.ts'
import { PromqlEngine, UnsupportedFeatureError, writeStale } from '../../promql/index.ts'
import type { NotedSample } from '../active-alerts.ts'
import type { RuleStorage } from '../evaluation-port.ts'

/** Samples by time; null is a stale marker. */
interface ScriptedSeries {
  readonly labels: Labels
  readonly samples: Map<number, number | null>
}

/** The series of a rule test, and what its rules record. */
export class ScriptedStorage implements RuleStorage {
  readonly #series = new Map<string, ScriptedSeries>()

  /** The first value is at time 0. @throws UnsupportedFeatureError for native histograms */
  load({ labels, values }: NotedSeries, stepMs: number): void {
    values.forEach((value, at) => {
      if (value === 'native histograms' || value === 'start timestamps')
        throw new UnsupportedFeatureError(value)
      if (value !== 'gap')
        this.#of(labels).samples.set(at * stepMs, value === 'stale' ? null : value)
    })
  }

  async query(expression: string, atMs: number): Promise<QueryResult> {
    return this.recentQuery(expression, atMs)
  }

  async queryWritten(expression: string, atMs: number): Promise<QueryResult> {
    return this.recentQuery(expression, atMs)
  }

  recentQuery(expression: string, atMs: number): QueryResult {
    return new PromqlEngine(this.#source()).instant(expression, atMs)
  }

  append(samples: readonly NotedSample[], atMs: number): void {
    for (const { labels, value } of samples) this.#of(labels).samples.set(atMs, value)
  }

  end(series: readonly Labels[], atMs: number): void {
    for (const labels of series) this.#of(labels).samples.set(atMs, null)
  }

  #of(labels: Labels): ScriptedSeries {
    const known = this.#series.get(labels.key) ?? {
      labels,
      samples: new Map<number, number | null>(),
    }
    this.#series.set(labels.key, known)
    return known
  }

  #source(): SeriesSource {
    const all = this.#series
    return {
      *select(matchers, fromMs, toMs) {
        for (const { labels, samples } of all.values()) {
          if (!matchers.every((matcher) => matcher.matches(labels))) continue
          const inside = [...samples].filter(([timeMs]) => timeMs >= fromMs && timeMs <= toMs)
          yield toSeries(
            labels,
            inside.sort(([a], [b]) => a - b),
          )
        }
      },
    }
  }
}

function toSeries(labels: Labels, samples: readonly (readonly [number, number | null])[]): Series {
  const values = new Float64Array(samples.length)
  samples.forEach(([, value], at) => {
    if (value === null) writeStale(values, at)
    else values[at] = value
  })
  return {
    labels,
    times: Float64Array.from(samples, ([timeMs]) => timeMs),
    values,
    length: samples.length,
  }
}
