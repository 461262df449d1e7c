import type { Labels } from './labels.ts'
import type { Matcher } from './matcher.ts'

/** Samples of one series in order of time; the first `length` elements of both arrays count. */
export interface Samples {
  /** Unix time in ms. */
  readonly times: Float64Array
  /** A stale marker is the NaN that `STALE` writes. */
  readonly values: Float64Array
  readonly length: number
}

export interface Series extends Samples {
  readonly labels: Labels
}

/** Where samples come from: the monitor's own series, or those of a test. */
export interface SeriesSource {
  /**
   * Series that all matchers accept, each with its samples from `fromMs` to `toMs`, both included.
   * More samples at either side do no harm.
   */
  select(matchers: readonly Matcher[], fromMs: number, toMs: number): Iterable<Series>
}

/** Prometheus' stale marker, a NaN with a payload of its own (model/value in its sources): 0x7ff0000000000002. */
const STALE_HIGH = 0x7ff00000
const STALE_LOW = 2
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** Writes a stale marker; a plain number cannot hold one, because engines may change a NaN's payload. */
export function writeStale(values: Float64Array, at: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset + at * 8, 2)
  words[LITTLE_ENDIAN ? 0 : 1] = STALE_LOW
  words[LITTLE_ENDIAN ? 1 : 0] = STALE_HIGH
}

export function isStale(values: Float64Array, at: number): boolean {
  const value = values[at] as number
  if (!Number.isNaN(value)) return false
  const words = new Uint32Array(values.buffer, values.byteOffset + at * 8, 2)
  return words[LITTLE_ENDIAN ? 0 : 1] === STALE_LOW && words[LITTLE_ENDIAN ? 1 : 0] === STALE_HIGH
}
