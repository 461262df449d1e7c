import { isStale } from '../promql/index.ts'
import type { Chunk } from './chunk.ts'
import { ChunkWriter, decodeChunk, hasRoom } from './chunk.ts'

const one = new Float64Array(1)

/**
 * Samples of one value, as most series of a broker have them most of the time; a stale marker may end them. It never changes, so all
 * series that were scraped together and have the same value share it, and its compressed chunk too.
 */
export class ConstantRun {
  readonly value: number
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
  readonly #isEnded: boolean
  /** Shared by the runs of which each has one sample more than the one before; null for a single sample. */
  readonly #writer: ChunkWriter | null
  #longer: ConstantRun | null = null
  #ended: ConstantRun | null = null
  #chunk: Chunk | null = null

  private constructor(
    value: number,
    count: number,
    times: { readonly firstMs: number; readonly lastMs: number },
    writer: ChunkWriter | null,
    isEnded: boolean,
  ) {
    this.value = value
    this.count = count
    this.firstMs = times.firstMs
    this.lastMs = times.lastMs
    this.#writer = writer
    this.#isEnded = isEnded
  }

  /** Of one sample. `value` is no NaN. */
  static of(timeMs: number, value: number): ConstantRun {
    return new ConstantRun(value, 1, { firstMs: timeMs, lastMs: timeMs }, null, false)
  }

  /** Whether a sample at this time belongs into the same chunk. */
  fits(timeMs: number): boolean {
    return !this.#isEnded && hasRoom(this, timeMs)
  }

  /** The run with one more sample; null when the sample does not continue it. Times must increase. */
  extended(timeMs: number, values: Float64Array, at: number): ConstantRun | null {
    if (Object.is(values[at], this.value)) {
      this.#longer ??= this.#with(timeMs, values, at, false)
      return this.#longer.lastMs === timeMs ? this.#longer : null
    }
    if (!isStale(values, at)) return null
    this.#ended ??= this.#with(timeMs, values, at, true)
    return this.#ended.lastMs === timeMs ? this.#ended : null
  }

  chunk(): Chunk {
    this.#chunk ??= this.#prefix() ?? this.writer().chunk()
    return this.#chunk
  }

  /** A writer of its own with the same samples, for a series whose value changes. */
  writer(): ChunkWriter {
    const writer = new ChunkWriter()
    const prefix = this.#prefix()
    if (prefix === null) {
      one[0] = this.value
      writer.append(this.firstMs, one, 0)
      return writer
    }
    const times = new Float64Array(this.count)
    const values = new Float64Array(this.count)
    decodeChunk(prefix, times, values, 0)
    for (let at = 0; at < this.count; at++) writer.append(times[at] as number, values, at)
    return writer
  }

  /** Longer runs write on behind it: what counts is `count`. */
  #prefix(): Chunk | null {
    if (this.#writer === null) return null
    const { count, firstMs, lastMs } = this
    return { count, firstMs, lastMs, bytes: this.#writer.chunk().bytes }
  }

  #with(timeMs: number, values: Float64Array, at: number, isEnded: boolean): ConstantRun {
    // An end leads away from the samples that others may have yet: it gets a writer for itself.
    const writer = isEnded || this.#writer === null ? this.writer() : this.#writer
    writer.append(timeMs, values, at)
    const times = { firstMs: this.firstMs, lastMs: timeMs }
    return new ConstantRun(this.value, this.count + 1, times, writer, isEnded)
  }
}

/** Runs that begin: series that are scraped together and have the same value begin the same one. */
export class ConstantRuns {
  #timeMs = Number.NaN
  readonly #byValue = new Map<number, ConstantRun>()

  /** Null for a value of which there are no runs: any NaN, whose payload counts. */
  begin(timeMs: number, value: number): ConstantRun | null {
    if (Number.isNaN(value)) return null
    if (timeMs !== this.#timeMs) this.#byValue.clear()
    this.#timeMs = timeMs
    const known = this.#byValue.get(value)
    // The map takes -0 for 0.
    if (known !== undefined && Object.is(known.value, value)) return known
    const run = ConstantRun.of(timeMs, value)
    this.#byValue.set(value, run)
    return run
  }
}
