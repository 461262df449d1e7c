import type { Family, HistogramSample, Sample, SampleExemplar } from '../family.ts'
import { labelText } from '../family.ts'
import type { ExpositionFormat } from './format.ts'

const TOTAL = '_total'

/** Writes families in one of the text formats, line by line; what is written is taken away in pieces. */
export class TextWriter {
  readonly #isOpenMetrics: boolean
  #text = ''

  constructor(format: ExpositionFormat) {
    this.#isOpenMetrics = format === 'openmetrics'
  }

  /** Characters written and not taken. */
  get length(): number {
    return this.#text.length
  }

  take(): string {
    const text = this.#text
    this.#text = ''
    return text
  }

  head({ name, help, type }: Family): void {
    const isCounter = type === 'counter' && name.endsWith(TOTAL)
    const family = this.#isOpenMetrics && isCounter ? name.slice(0, -TOTAL.length) : name
    this.#text += `# HELP ${family} ${this.#escapeHelp(help)}\n# TYPE ${family} ${this.#typeOf(type)}\n`
  }

  sample(name: string, { labels, value }: Sample): void {
    const text = typeof labels === 'string' ? labels : labelText(labels)
    this.#text += text === '' ? `${name} ` : `${name}{${text}} `
    this.#text += valueText(value)
    this.#text += '\n'
  }

  histogram(name: string, { labels, buckets, sum, count, exemplars }: HistogramSample): void {
    const text = labelText(labels)
    const left = this.#isOpenMetrics && exemplars ? [...exemplars] : []
    const prefix = text === '' ? `${name}_bucket{le="` : `${name}_bucket{${text},le="`
    for (const [bound, cumulative] of buckets) {
      this.#text += `${prefix}${boundText(bound)}"} ${cumulative}${exemplarText(left, bound)}\n`
    }
    this.#text += `${prefix}+Inf"} ${count}${exemplarText(left, Infinity)}\n`
    const own = text === '' ? '' : `{${text}}`
    this.#text += `${name}_sum${own} ${valueText(sum)}\n${name}_count${own} ${count}\n`
  }

  end(): void {
    if (this.#isOpenMetrics) this.#text += '# EOF\n'
  }

  #typeOf(type: Family['type']): string {
    return type === 'unknown' && !this.#isOpenMetrics ? 'untyped' : type
  }

  #escapeHelp(help: string): string {
    const escaped = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')
    return this.#isOpenMetrics ? escaped.replace(/"/g, '\\"') : escaped
  }
}

function valueText(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return String(value)
}

/** In OpenMetrics a bound of 1 is `1.0`; both formats read that. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound)
}

/** The newest exemplar of a bucket, which are all that are left at or below its bound. */
function exemplarText(left: SampleExemplar[], bound: number): string {
  let found: SampleExemplar | undefined
  for (let next = left[0]; next && next.value <= bound; next = left[0]) {
    if (!found || next.atSeconds >= found.atSeconds) found = next
    left.shift()
  }
  return found ? ` # {trace_id="${found.traceId}"} ${found.value} ${found.atSeconds}` : ''
}
