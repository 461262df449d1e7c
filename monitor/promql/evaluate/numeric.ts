/** A running sum with Neumaier's compensation, which keeps what plain addition rounds away. */
export class CompensatedSum {
  sum: number
  compensation = 0

  constructor(first = 0) {
    this.sum = first
  }

  add(value: number): void {
    const total = this.sum + value
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) {
      this.compensation = 0
    } else if (Math.abs(this.sum) >= Math.abs(value)) {
      this.compensation += this.sum - total + value
    } else {
      this.compensation += value - total + this.sum
    }
    this.sum = total
  }

  scale(factor: number): void {
    this.sum *= factor
    this.compensation *= factor
  }

  get total(): number {
    return Number.isFinite(this.sum) ? this.sum + this.compensation : this.sum
  }
}

/** A mean that is exact while the sum fits a double, and goes on incrementally once it would overflow. */
export class CompensatedMean {
  #count = 0
  #incremental = false
  readonly #sum = new CompensatedSum()

  add(value: number): void {
    this.#count++
    if (!this.#incremental) {
      const { sum, compensation } = this.#sum
      this.#sum.add(value)
      if (this.#count === 1 || Math.abs(this.#sum.sum) !== Number.POSITIVE_INFINITY) return
      this.#sum.sum = sum
      this.#sum.compensation = compensation
      this.#incremental = true
      this.#sum.scale(1 / (this.#count - 1))
    }
    this.#sum.scale((this.#count - 1) / this.#count)
    this.#sum.add(value / this.#count)
  }

  get mean(): number {
    const { sum, compensation } = this.#sum
    return this.#incremental ? sum + compensation : sum / this.#count + compensation / this.#count
  }
}

/** Ascending, with NaN first as in Prometheus' own order. */
export function ascending(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1
  if (Number.isNaN(b)) return 1
  return a - b
}

/** The quantile of values that are sorted `ascending`, between two neighbours by their distance. */
export function quantileOf(q: number, sorted: ArrayLike<number>): number {
  if (sorted.length === 0 || Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const rank = q * (sorted.length - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(sorted.length - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  return (sorted[lower] as number) * (1 - weight) + (sorted[upper] as number) * weight
}

/** A power as IEEE 754-2008 and Go define it; JavaScript gives NaN for two of its cases. */
export function power(base: number, exponent: number): number {
  if (base === 1) return 1
  if (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY) return 1
  return base ** exponent
}

/** Shortest text that reads back as the same number, with Prometheus' names for what is not finite, never in exponents. */
export function formatPlain(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  const exponent = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (exponent === null) return text
  const [, sign = '', first = '', rest = '', power = '0'] = exponent
  const digits = first + rest
  const point = Number(power) + 1
  return point <= 0
    ? `${sign}0.${'0'.repeat(-point)}${digits}`
    : `${sign}${digits.padEnd(point, '0')}`
}

/** As Go's `%g` prints: the shortest text, exponents of two digits at least from 1e21 and below 1e-4. */
export function formatShort(value: number): string {
  if (!Number.isFinite(value)) return formatPlain(value)
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e21)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  }
  return formatPlain(value)
}

/** As Prometheus' HTTP API writes a sample: plain between 1e-6 and 1e21, else with an exponent of two digits at least. */
export function formatSample(value: number): string {
  if (!Number.isFinite(value) || Object.is(value, -0)) return formatPlain(value)
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}
