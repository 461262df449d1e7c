import { writeStale } from '../promql/index.ts'
import type { SampleBatch } from '../series/index.ts'

/** How far a target's own times may lie from the scrape's, as in Prometheus: what is older has gone to a block. */
const MAX_BEHIND_MS = 3_600_000
const MAX_AHEAD_MS = 600_000
const FIRST_SAMPLES = 256

/** The samples of one scrape after the other, by their time: nearly always that of the scrape. Its arrays stay for the next one. */
export class SampleCollector {
  readonly #now = new Samples()
  readonly #others = new Map<number, Samples>()
  #atMs = 0
  #outOfBounds = 0

  /** Samples that were left out for a time of their own that cannot be. */
  get outOfBounds(): number {
    return this.#outOfBounds
  }

  get count(): number {
    let count = this.#now.count
    for (const samples of this.#others.values()) count += samples.count
    return count
  }

  /** Begins a scrape; what is left of the one before is gone. */
  begin(atMs: number): void {
    this.clear()
    this.#atMs = atMs
    this.#outOfBounds = 0
  }

  /** Null stands for the time of the scrape. */
  add(series: number, timeMs: number | null, value: number): void {
    if (timeMs === null || timeMs === this.#atMs) {
      this.#now.add(series, value)
    } else if (timeMs < this.#atMs - MAX_BEHIND_MS || timeMs > this.#atMs + MAX_AHEAD_MS) {
      this.#outOfBounds++
    } else {
      const samples = this.#others.get(timeMs) ?? new Samples()
      this.#others.set(timeMs, samples)
      samples.add(series, value)
    }
  }

  addStale(series: number): void {
    this.#now.addStale(series)
  }

  clear(): void {
    this.#now.clear()
    this.#others.clear()
  }

  /** Valid until the next scrape begins. */
  *batches(): Generator<SampleBatch> {
    for (const [timeMs, samples] of [...this.#others].sort(([a], [b]) => a - b))
      yield samples.batch(timeMs)
    yield this.#now.batch(this.#atMs)
  }
}

class Samples {
  #series = new Uint32Array(FIRST_SAMPLES)
  #values = new Float64Array(FIRST_SAMPLES)
  #count = 0

  get count(): number {
    return this.#count
  }

  add(series: number, value: number): void {
    if (this.#count === this.#series.length) this.#grow()
    this.#series[this.#count] = series
    this.#values[this.#count++] = value
  }

  addStale(series: number): void {
    this.add(series, 0)
    writeStale(this.#values, this.#count - 1)
  }

  clear(): void {
    this.#count = 0
  }

  batch(timeMs: number): SampleBatch {
    const series = this.#series.subarray(0, this.#count)
    return { timeMs, series, values: this.#values.subarray(0, this.#count) }
  }

  #grow(): void {
    const series = new Uint32Array(this.#count * 2)
    series.set(this.#series)
    const values = new Float64Array(this.#count * 2)
    values.set(this.#values)
    this.#series = series
    this.#values = values
  }
}
