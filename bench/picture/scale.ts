/** From a value to its place along an axis. */
export interface Scale {
  at(value: number): number
  /** Values that get a line. */
  readonly ticks: readonly number[]
}

/** Steps of one and the same ratio are equally long; the ends are powers of two around the values. */
export function ratioScale(values: readonly number[], from: number, to: number): Scale {
  const exponents = values.map((value) => Math.log2(value))
  const low = Math.min(Math.floor(Math.min(...exponents)), -1)
  const high = Math.max(Math.ceil(Math.max(...exponents)), 1)
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 2 ** (low + i))
  return {
    at: (value) => from + ((Math.log2(value) - low) / (high - low)) * (to - from),
    ticks,
  }
}

/** From nothing to the largest value. */
export function amountScale(values: readonly number[], from: number, to: number): Scale {
  const largest = Math.max(...values, Number.MIN_VALUE)
  return { at: (value) => from + (value / largest) * (to - from), ticks: [] }
}
