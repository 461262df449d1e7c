import type { Labels, Matcher } from '../promql/index.ts'
import type { Chunk } from './chunk.ts'
import { ChunkWriter } from './chunk.ts'
import { LabelIndex } from './label-index.ts'

/** A series in memory: its chunks of the recent past, and the one that is being written. */
interface HeadSeries {
  readonly labels: Labels
  readonly closed: Chunk[]
  open: ChunkWriter
}

/** Series and samples of the recent past, in memory. */
export class Head {
  readonly #series: (HeadSeries | undefined)[] = []
  readonly #numbers = new Map<string, number>()
  readonly #index = new LabelIndex()
  readonly #maxSeries: number

  /** Series beyond `maxSeries` are not taken in: whoever scrapes a label that never repeats must not fill the memory. */
  constructor(maxSeries: number) {
    this.#maxSeries = maxSeries
  }

  get seriesCount(): number {
    return this.#index.size
  }

  get index(): LabelIndex {
    return this.#index
  }

  /** The number of a series, a new one when it is not known; null when there is no room for more. */
  numberOf(labels: Labels): number | null {
    const known = this.#numbers.get(labels.key)
    if (known !== undefined) return known
    if (this.#index.size >= this.#maxSeries) return null
    const number = this.#series.length
    this.#series.push({ labels, closed: [], open: new ChunkWriter() })
    this.#numbers.set(labels.key, number)
    this.#index.add(number, labels)
    return number
  }

  labelsOf(number: number): Labels | null {
    return this.#series[number]?.labels ?? null
  }

  /** Whether the sample was taken: not when it is no newer than the last one, or the series is gone. */
  append(number: number, timeMs: number, values: Float64Array, at: number): boolean {
    const series = this.#series[number]
    if (series === undefined || timeMs <= lastMsOf(series)) return false
    if (!series.open.fits(timeMs)) {
      series.closed.push(series.open.chunk(true))
      series.open = new ChunkWriter()
    }
    series.open.append(timeMs, values, at)
    return true
  }

  /** Series that all matchers accept, with their chunks in order of time. */
  *select(matchers: readonly Matcher[]): Generator<{ labels: Labels; chunks: readonly Chunk[] }> {
    for (const number of this.#index.find(matchers)) {
      const series = this.#series[number]
      if (series !== undefined) yield { labels: series.labels, chunks: chunksOf(series) }
    }
  }

  /** All series with their closed chunks that begin before `beforeMs`. */
  *closedBefore(beforeMs: number): Generator<{ labels: Labels; chunks: readonly Chunk[] }> {
    for (const series of this.#series) {
      if (series === undefined) continue
      const chunks = series.closed.filter((chunk) => chunk.firstMs < beforeMs)
      if (chunks.length > 0) yield { labels: series.labels, chunks }
    }
  }

  *all(): Generator<[number: number, labels: Labels]> {
    for (const [number, series] of this.#series.entries()) {
      if (series !== undefined) yield [number, series.labels]
    }
  }

  /** Ends every chunk that has a sample before `beforeMs`, so that it can leave the memory. */
  closeBefore(beforeMs: number): void {
    for (const series of this.#series) {
      if (series === undefined || series.open.count === 0) continue
      if (series.open.chunk(false).firstMs >= beforeMs) continue
      series.closed.push(series.open.chunk(true))
      series.open = new ChunkWriter()
    }
  }

  /** Forgets chunks that are kept elsewhere now, and series that have no others. */
  forget(kept: Iterable<{ labels: Labels; chunks: readonly Chunk[] }>): void {
    for (const { labels, chunks } of kept) {
      const number = this.#numbers.get(labels.key)
      const series = number === undefined ? undefined : this.#series[number]
      if (number === undefined || series === undefined) continue
      const gone = new Set(chunks)
      const left = series.closed.filter((chunk) => !gone.has(chunk))
      series.closed.splice(0, series.closed.length, ...left)
      if (left.length > 0 || series.open.count > 0) continue
      this.#series[number] = undefined
      this.#numbers.delete(labels.key)
      this.#index.remove(number)
    }
  }
}

function chunksOf(series: HeadSeries): readonly Chunk[] {
  return series.open.count === 0 ? series.closed : [...series.closed, series.open.chunk(false)]
}

function lastMsOf(series: HeadSeries): number {
  if (series.open.count > 0) return series.open.lastMs
  return series.closed.at(-1)?.lastMs ?? Number.NEGATIVE_INFINITY
}
