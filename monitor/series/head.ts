import type { Labels, Matcher } from '../promql/index.ts'
import { ByteSlabs } from './byte-slabs.ts'
import type { Chunk } from './chunk.ts'
import { ChunkWriter } from './chunk.ts'
import { ConstantRun, ConstantRuns } from './constant-run.ts'
import { HashedNumbers } from './hashed-numbers.ts'
import { LabelIndex } from './label-index.ts'

/** What is being written: a run that others share while the value stays, from its first change on a writer of its own. */
type OpenChunk = ConstantRun | ChunkWriter

/** A series in memory: its chunks of the recent past, and the one that is being written. */
interface HeadSeries {
  /** Replaced, never changed: a list that grows keeps room for more than there will be. */
  closed: readonly Chunk[]
  open: OpenChunk | null
}

/** A series with chunks of it. */
export interface HeadChunks {
  readonly number: number
  readonly labels: Labels
  readonly chunks: readonly Chunk[]
}

const NONE: readonly Chunk[] = []

/** Series and samples of the recent past, in memory. */
export class Head {
  readonly #series: (HeadSeries | undefined)[] = []
  readonly #numbers = new HashedNumbers()
  readonly #index = new LabelIndex()
  readonly #runs = new ConstantRuns()
  readonly #slabs = new ByteSlabs()
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
    const hash = hashOf(labels)
    const known = this.#numbers.find(hash, (number) => isSame(labels, this.labelsOf(number)))
    if (known !== null) return known
    if (this.#index.size >= this.#maxSeries) return null
    const number = this.#series.length
    this.#series.push({ closed: NONE, open: null })
    this.#numbers.add(hash, number)
    this.#index.add(number, labels)
    return number
  }

  labelsOf(number: number): Labels | null {
    return this.#index.labelsOf(number)
  }

  /** Whether the sample was taken: not when it is no newer than the last one, or the series is gone. */
  append(number: number, timeMs: number, values: Float64Array, at: number): boolean {
    const series = this.#series[number]
    if (series === undefined || timeMs <= lastMsOf(series)) return false
    if (series.open !== null && !series.open.fits(timeMs)) this.#close(series)
    series.open = this.#withSample(series.open, timeMs, values, at)
    return true
  }

  /** Series that all matchers accept, with their chunks in order of time. */
  *select(matchers: readonly Matcher[]): Generator<HeadChunks> {
    for (const number of this.#index.find(matchers)) {
      const labels = this.labelsOf(number)
      const series = this.#series[number]
      if (labels === null || series === undefined) continue
      yield { number, labels, chunks: chunksOf(series) }
    }
  }

  /** All series with their closed chunks that begin before `beforeMs`. */
  *closedBefore(beforeMs: number): Generator<HeadChunks> {
    for (const [number, labels] of this.all()) {
      const chunks =
        this.#series[number]?.closed.filter((chunk) => chunk.firstMs < beforeMs) ?? NONE
      if (chunks.length > 0) yield { number, labels, chunks }
    }
  }

  *all(): Generator<[number: number, labels: Labels]> {
    for (const number of this.#series.keys()) {
      const labels = this.labelsOf(number)
      if (labels !== null) yield [number, labels]
    }
  }

  /** Ends every chunk that has a sample before `beforeMs`, so that it can leave the memory. */
  closeBefore(beforeMs: number): void {
    for (const series of this.#series) {
      if (series?.open && series.open.firstMs < beforeMs) this.#close(series)
    }
  }

  /** Forgets chunks that are kept elsewhere now, and series that have no others. */
  forget(kept: Iterable<HeadChunks>): void {
    const empty = new Set<number>()
    for (const { number, chunks } of kept) {
      const series = this.#series[number]
      if (series === undefined) continue
      const gone = new Set(chunks)
      const left = series.closed.filter((chunk) => !gone.has(chunk))
      series.closed = left.length > 0 ? left : NONE
      if (left.length > 0 || series.open !== null) continue
      this.#series[number] = undefined
      empty.add(number)
    }
    if (empty.size === 0) return
    this.#numbers.keep((number) => !empty.has(number))
    this.#index.remove(empty)
  }

  #close(series: HeadSeries): void {
    const { open, closed } = series
    if (open === null) return
    const chunk = open.chunk()
    // The chunk of a run is shared as it is; the buffer of a writer has room that nobody needs any more.
    const kept =
      open instanceof ConstantRun ? chunk : { ...chunk, bytes: this.#slabs.copyOf(chunk.bytes) }
    series.closed = [...closed, kept]
    series.open = null
  }

  #withSample(open: OpenChunk | null, timeMs: number, values: Float64Array, at: number): OpenChunk {
    if (open instanceof ConstantRun) {
      return open.extended(timeMs, values, at) ?? written(open.writer(), timeMs, values, at)
    }
    if (open !== null) return written(open, timeMs, values, at)
    return (
      this.#runs.begin(timeMs, values[at] as number) ??
      written(new ChunkWriter(), timeMs, values, at)
    )
  }
}

function written(
  writer: ChunkWriter,
  timeMs: number,
  values: Float64Array,
  at: number,
): ChunkWriter {
  writer.append(timeMs, values, at)
  return writer
}

function chunksOf({ closed, open }: HeadSeries): readonly Chunk[] {
  return open === null ? closed : [...closed, open.chunk()]
}

function lastMsOf({ closed, open }: HeadSeries): number {
  return open?.lastMs ?? closed.at(-1)?.lastMs ?? Number.NEGATIVE_INFINITY
}

/** By FNV-1a, over code units; names and values in turn, each with an end. */
function hashOf({ names, values }: Labels): number {
  let hash = 0x811c_9dc5
  const add = (text: string): void => {
    for (let at = 0; at < text.length; at++)
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193)
    hash = Math.imul(hash ^ 0xff, 0x0100_0193)
  }
  for (const [at, name] of names.entries()) {
    add(name)
    add(values[at] ?? '')
  }
  return hash
}

function isSame(one: Labels, other: Labels | null): boolean {
  return (
    other !== null &&
    one.size === other.size &&
    one.values.every((value, at) => value === other.values[at]) &&
    one.names.every((name, at) => name === other.names[at])
  )
}
