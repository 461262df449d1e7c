import { BitReader } from './bit-reader.ts'
import { BitWriter } from './bit-writer.ts'

/** Samples of one series, compressed. */
export interface Chunk {
  readonly count: number
  /** Of the first and the last sample, Unix time in ms. */
  readonly firstMs: number
  readonly lastMs: number
  readonly bytes: Uint8Array
}

/** Half an hour of a series that is scraped every 15 s: beyond it compression gains little and reading costs more. */
export const SAMPLES_PER_CHUNK = 120

/** How a change of the interval between samples is written: so many ones, a zero, and so many bits. */
const INTERVAL_CHANGES = [
  { ones: 1, bits: 14 },
  { ones: 2, bits: 17 },
  { ones: 3, bits: 20 },
  { ones: 4, bits: 32 },
] as const

/** Times further apart than fits begin a new chunk. */
export const MAX_INTERVAL_MS = 2 ** 30

/** Whether what was begun has room for a sample at this time. */
export function hasRoom(
  { count, lastMs }: { readonly count: number; readonly lastMs: number },
  timeMs: number,
): boolean {
  return count < SAMPLES_PER_CHUNK && timeMs - lastMs < MAX_INTERVAL_MS
}

/** A double as two words of 32 bits; conversions through one shared buffer, because nothing here waits. */
const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
const [LOW, HIGH] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0]

/**
 * Compresses samples as they come, by the scheme of Gorilla (Pelkonen et al., VLDB 2015, section 4.1): times by the
 * change of their distance, values by the bits that differ from the value before. A counter that is scraped
 * regularly takes 2 to 4 bytes a sample, a constant a quarter of a byte.
 */
export class ChunkWriter {
  readonly #bits = new BitWriter()
  #count = 0
  #firstMs = 0
  #lastMs = 0
  #intervalMs = 0
  #high = 0
  #low = 0
  #leading = -1
  #significant = 0

  get count(): number {
    return this.#count
  }

  get firstMs(): number {
    return this.#firstMs
  }

  get lastMs(): number {
    return this.#lastMs
  }

  /** Whether a sample at this time belongs into this chunk. */
  fits(timeMs: number): boolean {
    return this.#count === 0 || hasRoom(this, timeMs)
  }

  /** Takes the value's bits as they are from `values`, so that a stale marker survives. Times must increase. */
  append(timeMs: number, values: Float64Array, at: number): void {
    const [high, low] = wordsOf(values, at)
    if (this.#count === 0) {
      this.#firstMs = timeMs
      this.#bits.write(high, 32)
      this.#bits.write(low, 32)
    } else {
      const intervalMs = timeMs - this.#lastMs
      this.#writeChange(intervalMs - this.#intervalMs)
      this.#intervalMs = intervalMs
      this.#writeDifference((high ^ this.#high) >>> 0, (low ^ this.#low) >>> 0)
    }
    this.#high = high
    this.#low = low
    this.#lastMs = timeMs
    this.#count++
  }

  /** What there is so far. The bytes are the writer's own: they may go on growing behind the chunk's count. */
  chunk(): Chunk {
    return {
      count: this.#count,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      bytes: this.#bits.bytes(),
    }
  }

  #writeChange(changeMs: number): void {
    if (changeMs === 0) {
      this.#bits.write(0, 1)
      return
    }
    for (const { ones, bits } of INTERVAL_CHANGES) {
      const limit = 2 ** (bits - 1)
      if (changeMs < -limit || changeMs >= limit) continue
      this.#bits.write((1 << ones) - 1, ones)
      if (ones < INTERVAL_CHANGES.length) this.#bits.write(0, 1)
      this.#bits.write(changeMs, bits)
      return
    }
    throw new RangeError(`a change of ${changeMs} ms fits no chunk`)
  }

  #writeDifference(high: number, low: number): void {
    if (high === 0 && low === 0) {
      this.#bits.write(0, 1)
      return
    }
    const leading = Math.min(31, high === 0 ? 32 + Math.clz32(low) : Math.clz32(high))
    const trailing = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low)
    const windowTrailing = 64 - this.#leading - this.#significant
    if (this.#leading >= 0 && leading >= this.#leading && trailing >= windowTrailing) {
      this.#bits.write(0b10, 2)
      this.#writeShifted(high, low, windowTrailing, this.#significant)
      return
    }
    const significant = 64 - leading - trailing
    this.#bits.write(0b11, 2)
    this.#bits.write(leading, 5)
    // 1 to 64 in six bits: 64 is written as 0.
    this.#bits.write(significant & 63, 6)
    this.#writeShifted(high, low, trailing, significant)
    this.#leading = leading
    this.#significant = significant
  }

  /** The `significant` bits above the lowest `trailing` ones. */
  #writeShifted(high: number, low: number, trailing: number, significant: number): void {
    const shiftedHigh = trailing >= 32 ? 0 : high >>> trailing
    const shiftedLow =
      trailing >= 32
        ? high >>> (trailing - 32)
        : trailing === 0
          ? low
          : (low >>> trailing) | (high << (32 - trailing))
    if (significant > 32) this.#bits.write(shiftedHigh, significant - 32)
    this.#bits.write(shiftedLow, Math.min(32, significant))
  }
}

/** Writes the samples of a chunk into the arrays from `at` on; answers the place behind the last one. */
export function decodeChunk(
  chunk: Chunk,
  times: Float64Array,
  values: Float64Array,
  at: number,
): number {
  const bits = new BitReader(chunk.bytes)
  const target = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  let timeMs = chunk.firstMs
  let intervalMs = 0
  let leading = 0
  let significant = 0
  let high = 0
  let low = 0
  for (let index = 0; index < chunk.count; index++) {
    if (index === 0) {
      high = bits.read(32)
      low = bits.read(32)
    } else {
      intervalMs += readChange(bits)
      timeMs += intervalMs
      if (bits.bit() === 1) {
        if (bits.bit() === 1) {
          leading = bits.read(5)
          significant = bits.read(6) || 64
        }
        const trailing = 64 - leading - significant
        const upper = significant > 32 ? bits.read(significant - 32) : 0
        const lower = bits.read(Math.min(32, significant))
        if (trailing >= 32) {
          high ^= lower << (trailing - 32)
        } else if (trailing === 0) {
          high ^= upper
          low ^= lower
        } else {
          high ^= (upper << trailing) | (lower >>> (32 - trailing))
          low ^= lower << trailing
        }
      }
    }
    const place = at + index
    times[place] = timeMs
    target[place * 2 + HIGH] = high
    target[place * 2 + LOW] = low
  }
  return at + chunk.count
}

function readChange(bits: BitReader): number {
  let ones = 0
  while (ones < INTERVAL_CHANGES.length && bits.bit() === 1) ones++
  if (ones === 0) return 0
  const size = INTERVAL_CHANGES[ones - 1]?.bits ?? 32
  const value = bits.read(size)
  const isNegative = value >= 2 ** (size - 1)
  return isNegative ? value - 2 ** size : value
}

function wordsOf(values: Float64Array, at: number): [high: number, low: number] {
  if (!Number.isNaN(values[at] as number)) {
    double[0] = values[at] as number
    return [words[HIGH] as number, words[LOW] as number]
  }
  // A NaN's payload is lost on its way through a number.
  const source = new Uint32Array(values.buffer, values.byteOffset + at * 8, 2)
  return [source[HIGH] as number, source[LOW] as number]
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word)
}
