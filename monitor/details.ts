import type { Labels, Matcher } from './promql/index.ts'
import type { DetailSink } from './scrape/index.ts'

/** What a metric is, as its target tells. */
export interface MetricMetadata {
  type: string
  help: string
  unit: string
}

export interface Exemplar {
  readonly labels: Labels
  readonly value: number
  readonly timeMs: number
}

const MAX_METRICS = 20_000
const MAX_SERIES_WITH_EXEMPLARS = 10_000
const EXEMPLARS_PER_SERIES = 20
const MAX_TEXT_LENGTH = 2_000

/** What targets tell beside samples: metadata of metrics, and the newest exemplars of each series. In memory only. */
export class MetricDetails implements DetailSink {
  readonly #metadata = new Map<string, MetricMetadata>()
  readonly #exemplars = new Map<string, { series: Labels; newest: Exemplar[] }>()

  metadata(kind: 'type' | 'help' | 'unit', metric: string, text: string): void {
    const known = this.#metadata.get(metric)
    if (known === undefined && this.#metadata.size >= MAX_METRICS) return
    if (known?.[kind] === text) return
    // Copied: a part of a scraped page would keep all of it in memory.
    const told = {
      type: 'unknown',
      help: '',
      unit: '',
      ...known,
      [kind]: copied(text.slice(0, MAX_TEXT_LENGTH)),
    }
    this.#metadata.set(copied(metric), told)
  }

  exemplar(series: Labels, labels: Labels, value: number, timeMs: number): void {
    const known = this.#exemplars.get(series.key) ?? { series, newest: [] }
    const last = known.newest.at(-1)
    if (last !== undefined && last.timeMs >= timeMs) return
    known.newest.push({ labels, value, timeMs })
    if (known.newest.length > EXEMPLARS_PER_SERIES) known.newest.shift()
    // The series that was told of last is the last to go.
    this.#exemplars.delete(series.key)
    this.#exemplars.set(series.key, known)
    const [oldest] = this.#exemplars.keys()
    if (this.#exemplars.size > MAX_SERIES_WITH_EXEMPLARS && oldest !== undefined)
      this.#exemplars.delete(oldest)
  }

  metadataOf(metric: string | null): ReadonlyMap<string, MetricMetadata> {
    if (metric === null) return this.#metadata
    const found = this.#metadata.get(metric)
    return new Map(found === undefined ? [] : [[metric, found]])
  }

  exemplarsOf(selectors: readonly (readonly Matcher[])[], fromMs: number, toMs: number) {
    const found: { series: Labels; exemplars: Exemplar[] }[] = []
    for (const { series, newest } of this.#exemplars.values()) {
      if (!selectors.some((matchers) => matchers.every((matcher) => matcher.matches(series))))
        continue
      const exemplars = newest.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs)
      if (exemplars.length > 0) found.push({ series, exemplars })
    }
    return found
  }
}

function copied(text: string): string {
  return Buffer.from(text).toString()
}
