import type { Family, HistogramSample, Labels, LabelText, SampleExemplar } from '../family.ts'
import { escapeLabel } from '../family.ts'
import type { ExpositionFormat } from './format.ts'
import type { TextBuffer } from './text-buffer.ts'

const TOTAL = '_total'

const NEW_LINE = 0x0a
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d

/** Writes families in one of the text formats, line by line. No line is a string on its way. */
export class TextWriter {
  readonly #isOpenMetrics: boolean
  readonly #buffer: TextBuffer
  /** Of the family whose samples are written. */
  #name = Buffer.alloc(0)

  constructor(format: ExpositionFormat, buffer: TextBuffer) {
    this.#isOpenMetrics = format === 'openmetrics'
    this.#buffer = buffer
  }

  /** Begins a family; samples that follow are of it. */
  head({ name, help, type }: Family): void {
    this.#name = Buffer.from(name)
    const isCounter = type === 'counter' && name.endsWith(TOTAL)
    const family = this.#isOpenMetrics && isCounter ? name.slice(0, -TOTAL.length) : name
    this.#buffer.text(
      `# HELP ${family} ${this.#escapeHelp(help)}\n# TYPE ${family} ${this.#typeOf(type)}\n`,
    )
  }

  series(labels: Labels | LabelText, value: number): void {
    this.#buffer.bytes(this.#name)
    if (this.#labels(labels)) this.#buffer.character(CLOSING_BRACE)
    this.#buffer.character(SPACE)
    this.#value(value)
    this.#buffer.character(NEW_LINE)
  }

  histogram({ labels, buckets, sum, count, exemplars }: HistogramSample): void {
    const left = this.#isOpenMetrics && exemplars ? [...exemplars] : []
    for (const [bound, cumulative] of buckets) {
      this.#bucket(labels)
      this.#buffer.number(bound)
      // In OpenMetrics a bound of 1 is `1.0`; both formats read that.
      if (Number.isInteger(bound)) this.#buffer.text('.0')
      this.#countOfBucket(cumulative, exemplarText(left, bound))
    }
    this.#bucket(labels)
    this.#buffer.text('+Inf')
    this.#countOfBucket(count, exemplarText(left, Infinity))
    this.#suffixed('_sum', labels)
    this.#value(sum)
    this.#buffer.character(NEW_LINE)
    this.#suffixed('_count', labels)
    this.#buffer.number(count)
    this.#buffer.character(NEW_LINE)
  }

  end(): void {
    if (this.#isOpenMetrics) this.#buffer.text('# EOF\n')
  }

  /** All of a bucket's line that stands before its bound. */
  #bucket(labels: Labels): void {
    this.#buffer.bytes(this.#name)
    this.#buffer.text('_bucket')
    this.#buffer.character(this.#labels(labels) ? COMMA : OPENING_BRACE)
    this.#buffer.text('le="')
  }

  #countOfBucket(count: number, exemplar: string): void {
    this.#buffer.text('"} ')
    this.#buffer.number(count)
    if (exemplar !== '') this.#buffer.text(exemplar)
    this.#buffer.character(NEW_LINE)
  }

  #suffixed(suffix: string, labels: Labels): void {
    this.#buffer.bytes(this.#name)
    this.#buffer.text(suffix)
    if (this.#labels(labels)) this.#buffer.character(CLOSING_BRACE)
    this.#buffer.character(SPACE)
  }

  /** Labels with the brace before them, and not the one behind; says whether there are any. */
  #labels(labels: Labels | LabelText): boolean {
    if (typeof labels === 'string') {
      if (labels === '') return false
      this.#buffer.character(OPENING_BRACE)
      this.#buffer.text(labels)
      return true
    }
    let hasAny = false
    for (const name in labels) {
      this.#buffer.character(hasAny ? COMMA : OPENING_BRACE)
      this.#label(name, labels[name])
      hasAny = true
    }
    return hasAny
  }

  #label(name: string, value: string | number | undefined): void {
    this.#buffer.text(name)
    this.#buffer.text('="')
    if (typeof value === 'number') this.#buffer.number(value)
    else this.#buffer.text(escapeLabel(String(value)))
    this.#buffer.character(QUOTE)
  }

  #value(value: number): void {
    if (value === Infinity) this.#buffer.text('+Inf')
    else if (value === -Infinity) this.#buffer.text('-Inf')
    else this.#buffer.number(value)
  }

  #typeOf(type: Family['type']): string {
    return type === 'unknown' && !this.#isOpenMetrics ? 'untyped' : type
  }

  #escapeHelp(help: string): string {
    const escaped = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')
    return this.#isOpenMetrics ? escaped.replace(/"/g, '\\"') : escaped
  }
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
