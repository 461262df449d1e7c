import type { Clock, Random } from '../../kit/index.ts'
import { Labels, METRIC_NAME } from '../promql/index.ts'
import type { SampleBatch } from '../series/index.ts'
import type { MetadataKind } from './exposition.ts'
import { ExpositionParser, formatOf, parseExemplarLabels, parseSeries } from './exposition.ts'
import type { HttpAnswer, HttpGet } from './http-get.ts'
import { KnownSeries } from './known-series.ts'
import { SampleCollector } from './sample-collector.ts'
import type { ScrapeTarget } from './target.ts'

/** Where samples go. */
export interface SampleSink {
  /** Null when there is no room for another series. */
  numberOf(labels: Labels): number | null
  /** Null when the number no longer stands for a series. */
  labelsOf(series: number): Labels | null
  /** Must not keep the batch: its arrays are used again. */
  append(batch: SampleBatch): void
}

/** Where what is told beside samples goes. */
export interface DetailSink {
  exemplar(series: Labels, exemplar: Labels, value: number, timeMs: number): void
  metadata(kind: MetadataKind, metric: string, text: string): void
}

export interface ScrapePlatform {
  readonly clock: Clock
  readonly random: Random
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
  readonly #known: KnownSeries
  readonly #samples = new SampleCollector()
  #scrapes = 0
  #isEnded = false

  constructor(
    target: ScrapeTarget,
    httpGet: HttpGet,
    sink: SampleSink,
    details: DetailSink,
    { clock, random }: ScrapePlatform,
  ) {
    this.target = target
    this.#httpGet = httpGet
    this.#sink = sink
    this.#details = details
    this.#clock = clock
    this.#known = new KnownSeries(random)
  }

  /** Never rejects: a target that is down is a sample too. `atMs` is the time that samples get. */
  async scrape(atMs: number): Promise<ScrapeReport> {
    const began = this.#clock.monotonicMs()
    this.#scrapes++
    this.#samples.begin(atMs)
    let error: string | null = null
    const knownBefore = this.#known.size
    try {
      await this.#read(await this.#fetch(), atMs)
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown)
      if (this.#isEnded) return { at: atMs, durationMs: 0, samples: 0, outOfBounds: 0, error }
      // What came before the error is not half a truth: it is dropped, and everything is stale.
      this.#samples.clear()
      this.#known.unsee(this.#scrapes)
    }
    const { count, outOfBounds } = this.#samples
    for (const number of this.#known.lastSeen(this.#scrapes - 1, this.#scrapes - 1))
      this.#samples.addStale(number)
    this.#known.forgetBefore(this.#scrapes - FORGET_AFTER_SCRAPES)
    const durationMs = this.#clock.monotonicMs() - began
    this.#addReport({
      up: error === null ? 1 : 0,
      durationMs,
      count,
      added: this.#known.size - knownBefore,
    })
    for (const batch of this.#samples.batches()) this.#sink.append(batch)
    return { at: atMs, durationMs, samples: count, outOfBounds, error }
  }

  /** Ends every series of the target, `up` too, for a target that is no longer scraped. What a scrape still reads comes to nothing. */
  end(atMs: number): void {
    this.#isEnded = true
    const samples = new SampleCollector()
    samples.begin(atMs)
    // A scrape that is on its way has seen some of them, the one before the others.
    for (const number of this.#known.lastSeen(this.#scrapes - 1, this.#scrapes))
      samples.addStale(number)
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

  async #read({ contentType, body }: HttpAnswer, atMs: number): Promise<void> {
    let count = 0
    const parser = new ExpositionParser(formatOf(contentType), {
      sample: (series, value, timestampMs, line) => {
        count++
        if (count > this.target.maxSamples)
          throw new Error(`more than ${this.target.maxSamples} samples`)
        const number = this.#numberOfText(series, line)
        if (number !== null) this.#samples.add(number, timestampMs ?? atMs, value)
      },
      exemplar: (series, labels, value, timestampMs, line) => {
        const place = this.#known.find(series)
        const known = place === null ? null : this.#sink.labelsOf(this.#known.numberAt(place))
        if (known === null) return
        const own = parseExemplarLabels(labels, line)
        this.#details.exemplar(known, own, value, timestampMs ?? atMs)
      },
      metadata: (kind, metric, text) => this.#details.metadata(kind, metric, text),
    })
    for await (const piece of body) {
      this.#throwIfEnded()
      parser.read(piece)
    }
    this.#throwIfEnded()
    parser.end()
  }

  #throwIfEnded(): void {
    if (this.#isEnded) throw new Error('the target is no longer scraped')
  }

  /** Null when there is no room for it. */
  #numberOfText(text: string, line: number): number | null {
    const place = this.#known.find(text)
    if (place !== null) {
      const known = this.#known.numberAt(place)
      if (this.#sink.labelsOf(known) !== null) {
        this.#known.see(place, this.#scrapes)
        return known
      }
    }
    const number = this.#sink.numberOf(this.#targetLabels(parseSeries(text, line)))
    if (number === null) return null
    if (place === null) {
      this.#known.add(text, number, this.#scrapes)
    } else {
      this.#known.renumber(place, number)
      this.#known.see(place, this.#scrapes)
    }
    return number
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

  #addReport(report: { up: number; durationMs: number; count: number; added: number }): void {
    const about: Readonly<Record<(typeof ABOUT)[number], number>> = {
      up: report.up,
      scrape_duration_seconds: report.durationMs / 1000,
      scrape_samples_scraped: report.count,
      scrape_samples_post_metric_relabeling: report.count,
      scrape_series_added: Math.max(0, report.added),
    }
    for (const name of ABOUT) {
      const number = this.#numberOf(name)
      if (number !== null) this.#samples.add(number, null, about[name])
    }
  }

  #numberOf(name: (typeof ABOUT)[number]): number | null {
    return this.#sink.numberOf(Labels.from([[METRIC_NAME, name], ...this.#ownLabels()]))
  }
}
