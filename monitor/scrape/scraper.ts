import type { Clock } from '../../kit/index.ts'
import { Labels, METRIC_NAME, writeStale } from '../promql/index.ts'
import type { SampleBatch } from '../series/index.ts'
import type { MetadataKind } from './exposition.ts'
import { formatOf, parseExemplarLabels, parseSeries, readExposition } from './exposition.ts'
import type { HttpGet } from './http-get.ts'
import type { ScrapeTarget } from './target.ts'

/** Where samples go. */
export interface SampleSink {
  /** Null when there is no room for another series. */
  numberOf(labels: Labels): number | null
  isKnown(series: number): boolean
  append(batch: SampleBatch): void
}

/** Where what is told beside samples goes. */
export interface DetailSink {
  exemplar(series: Labels, exemplar: Labels, value: number, timeMs: number): void
  metadata(kind: MetadataKind, metric: string, text: string): void
}

export interface ScrapeReport {
  readonly at: number
  readonly durationMs: number
  readonly samples: number
  /** Samples that were left out for a time of their own that cannot be. */
  readonly outOfBounds: number
  /** Why the target counts as down; null when it is up. */
  readonly error: string | null
}

/** A series of the target as it stood there, so that the next scrape need not parse it. */
interface KnownSeries {
  number: number
  labels: Labels
  /** The scrape that had it last. */
  seenAt: number
}

const ACCEPT =
  'application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
/** Series about the scrape itself. */
const ABOUT = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
] as const
/** How far a target's own times may lie from the scrape's, as in Prometheus: what is older has gone to a block. */
const MAX_BEHIND_MS = 3_600_000
const MAX_AHEAD_MS = 600_000
/** A series that has not come for so many scrapes is no longer remembered by its text. */
const FORGET_AFTER_SCRAPES = 20

/**
 * Scrapes one target as Prometheus does: labels `job`, `instance` and those of the target (a label of the same name that
 * the target sent gets the prefix `exported_`), `up` and the other series about the scrape, stale markers for what does not come back.
 */
export class TargetScraper {
  readonly target: ScrapeTarget
  readonly #httpGet: HttpGet
  readonly #sink: SampleSink
  readonly #details: DetailSink
  readonly #clock: Clock
  readonly #known = new Map<string, KnownSeries>()
  #scrapes = 0

  constructor(
    target: ScrapeTarget,
    httpGet: HttpGet,
    sink: SampleSink,
    details: DetailSink,
    clock: Clock,
  ) {
    this.target = target
    this.#httpGet = httpGet
    this.#sink = sink
    this.#details = details
    this.#clock = clock
  }

  /** Never rejects: a target that is down is a sample too. `atMs` is the time that samples get. */
  async scrape(atMs: number): Promise<ScrapeReport> {
    const began = this.#clock.monotonicMs()
    this.#scrapes++
    const samples = new SampleCollector(atMs)
    let error: string | null = null
    const knownBefore = this.#known.size
    try {
      this.#read(await this.#fetch(), atMs, samples)
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown)
      // What came before the error is not half a truth: it is dropped, and everything is stale.
      samples.clear()
      for (const known of this.#known.values()) if (known.seenAt === this.#scrapes) known.seenAt--
    }
    const count = samples.count
    this.#addStale(samples)
    const durationMs = this.#clock.monotonicMs() - began
    this.#addReport(samples, {
      up: error === null ? 1 : 0,
      durationMs,
      count,
      added: this.#known.size - knownBefore,
    })
    for (const batch of samples.batches()) this.#sink.append(batch)
    const { outOfBounds } = samples
    return { at: atMs, durationMs, samples: count, outOfBounds, error }
  }

  /** Ends every series of the target, `up` too, for a target that is no longer scraped. */
  end(atMs: number): void {
    this.#scrapes++
    const samples = new SampleCollector(atMs)
    this.#addStale(samples)
    for (const name of ABOUT) {
      const number = this.#numberOf(name)
      if (number !== null) samples.addStale(number)
    }
    for (const batch of samples.batches()) this.#sink.append(batch)
  }

  async #fetch() {
    const { url, headers, timeoutMs, maxBodyBytes } = this.target
    const answer = await this.#httpGet(url, {
      headers: {
        ...headers,
        accept: ACCEPT,
        'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000),
      },
      timeoutMs,
      maxBodyBytes,
    })
    if (answer.status !== 200) throw new Error(`server returned HTTP status ${answer.status}`)
    return answer
  }

  #read(
    answer: { contentType: string | null; body: string },
    atMs: number,
    samples: SampleCollector,
  ): void {
    let count = 0
    readExposition(answer.body, formatOf(answer.contentType), {
      sample: (series, value, timestampMs, line) => {
        count++
        if (count > this.target.maxSamples)
          throw new Error(`more than ${this.target.maxSamples} samples`)
        const known = this.#series(series, line)
        if (known !== null) samples.add(known.number, timestampMs ?? atMs, value)
      },
      exemplar: (series, labels, value, timestampMs, line) => {
        const known = this.#known.get(series)
        if (known === undefined) return
        this.#details.exemplar(
          known.labels,
          parseExemplarLabels(labels, line),
          value,
          timestampMs ?? atMs,
        )
      },
      metadata: (kind, metric, text) => this.#details.metadata(kind, metric, text),
    })
  }

  /** Null when there is no room for it. */
  #series(text: string, line: number): KnownSeries | null {
    const known = this.#known.get(text)
    if (known !== undefined && this.#sink.isKnown(known.number)) {
      known.seenAt = this.#scrapes
      return known
    }
    const labels = this.#targetLabels(known?.labels ?? parseSeries(text, line))
    const number = this.#sink.numberOf(labels)
    if (number === null) return null
    const created = { number, labels, seenAt: this.#scrapes }
    // Copied: a part of the answer would keep all of it in memory.
    this.#known.set(known === undefined ? Buffer.from(text).toString() : text, created)
    return created
  }

  #targetLabels(labels: Labels): Labels {
    const own = this.#ownLabels()
    const renamed = [...labels.entries()].map(([name, value]): [string, string] => {
      const mine = own.find(([ownName]) => ownName === name)
      return mine !== undefined && mine[1] !== value ? [`exported_${name}`, value] : [name, value]
    })
    return Labels.from([...renamed, ...own])
  }

  #ownLabels(): readonly [string, string][] {
    const { job, instance, labels = {} } = this.target
    return Object.entries({ ...labels, job, instance })
  }

  #addStale(samples: SampleCollector): void {
    for (const [text, known] of this.#known) {
      if (known.seenAt === this.#scrapes - 1) samples.addStale(known.number)
      else if (known.seenAt < this.#scrapes - FORGET_AFTER_SCRAPES) this.#known.delete(text)
    }
  }

  #addReport(
    samples: SampleCollector,
    report: { up: number; durationMs: number; count: number; added: number },
  ): void {
    const about: Readonly<Record<(typeof ABOUT)[number], number>> = {
      up: report.up,
      scrape_duration_seconds: report.durationMs / 1000,
      scrape_samples_scraped: report.count,
      scrape_samples_post_metric_relabeling: report.count,
      scrape_series_added: Math.max(0, report.added),
    }
    for (const name of ABOUT) {
      const number = this.#numberOf(name)
      if (number !== null) samples.add(number, null, about[name])
    }
  }

  #numberOf(name: (typeof ABOUT)[number]): number | null {
    return this.#sink.numberOf(Labels.from([[METRIC_NAME, name], ...this.#ownLabels()]))
  }
}

/** The samples of one scrape, by their time: nearly always that of the scrape. */
class SampleCollector {
  readonly #atMs: number
  readonly #series: number[] = []
  readonly #values: number[] = []
  readonly #stale: number[] = []
  readonly #others = new Map<number, { series: number[]; values: number[] }>()
  outOfBounds = 0

  constructor(atMs: number) {
    this.#atMs = atMs
  }

  get count(): number {
    let count = this.#series.length
    for (const { series } of this.#others.values()) count += series.length
    return count
  }

  /** Null stands for the time of the scrape. */
  add(series: number, timeMs: number | null, value: number): void {
    if (timeMs === null || timeMs === this.#atMs) {
      this.#series.push(series)
      this.#values.push(value)
      return
    }
    if (timeMs < this.#atMs - MAX_BEHIND_MS || timeMs > this.#atMs + MAX_AHEAD_MS) {
      this.outOfBounds++
      return
    }
    const batch = this.#others.get(timeMs) ?? { series: [], values: [] }
    this.#others.set(timeMs, batch)
    batch.series.push(series)
    batch.values.push(value)
  }

  addStale(series: number): void {
    this.#stale.push(series)
  }

  clear(): void {
    this.#series.length = 0
    this.#values.length = 0
    this.#others.clear()
  }

  *batches(): Generator<SampleBatch> {
    for (const [timeMs, { series, values }] of [...this.#others].sort(([a], [b]) => a - b)) {
      yield { timeMs, series, values: Float64Array.from(values) }
    }
    const count = this.#series.length
    const values = new Float64Array(count + this.#stale.length)
    values.set(this.#values)
    for (let at = count; at < values.length; at++) writeStale(values, at)
    yield { timeMs: this.#atMs, series: [...this.#series, ...this.#stale], values }
  }
}
