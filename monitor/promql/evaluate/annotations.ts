import type { Span } from '../promql-error.ts'
import { describePosition } from '../promql-error.ts'
import { formatShort } from './numeric.ts'

/** Like Prometheus, no more than so many of each kind are told. */
const MAX_TOLD = 10

/** Buckets of a classic histogram that had to be bent upwards, over all steps of a query. */
interface ForcedMonotonicity {
  readonly span: Span
  minBound: number
  maxBound: number
  maxDifference: number
  samples: number
  firstMs: number
  lastMs: number
}

/** What a reader of the answer should know: warnings about the data, infos about the query. Each is told once. */
export class Annotations {
  readonly #expression: string
  readonly #warnings = new Map<string, string>()
  readonly #infos = new Map<string, string>()
  readonly #forced = new Map<number, ForcedMonotonicity>()

  constructor(expression: string) {
    this.#expression = expression
  }

  warn(message: string, span: Span): void {
    this.#add(this.#warnings, 'PromQL warning', message, span)
  }

  info(message: string, span: Span): void {
    this.#add(this.#infos, 'PromQL info', message, span)
  }

  invalidQuantile(q: number, span: Span): void {
    this.warn(`quantile value should be between 0 and 1, got ${formatShort(q)}`, span)
  }

  forcedMonotonicity(
    span: Span,
    atMs: number,
    bent: { minBound: number; maxBound: number; maxDifference: number },
  ): void {
    const known = this.#forced.get(span.from)
    if (known === undefined) {
      this.#forced.set(span.from, { ...bent, span, samples: 1, firstMs: atMs, lastMs: atMs })
      return
    }
    known.samples++
    known.minBound = Math.min(known.minBound, bent.minBound)
    known.maxBound = Math.max(known.maxBound, bent.maxBound)
    known.maxDifference = Math.max(known.maxDifference, bent.maxDifference)
    known.firstMs = Math.min(known.firstMs, atMs)
    known.lastMs = Math.max(known.lastMs, atMs)
  }

  get warnings(): readonly string[] {
    return limited([...this.#warnings.values()], 'warning')
  }

  get infos(): readonly string[] {
    const forced = [...this.#forced.values()].map((one) => this.#describeForced(one))
    return limited([...this.#infos.values(), ...forced], 'info')
  }

  #add(to: Map<string, string>, prefix: string, message: string, span: Span): void {
    const key = `${span.from}:${message}`
    if (!to.has(key))
      to.set(key, `${prefix}: ${message} (${describePosition(this.#expression, span.from)})`)
  }

  #describeForced(one: ForcedMonotonicity): string {
    const at = (ms: number) =>
      new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z')
    return (
      'PromQL info: input to histogram_quantile needed to be fixed for monotonicity ' +
      '(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), ' +
      `from buckets ${formatShort(one.minBound)} to ${formatShort(one.maxBound)}, with a max diff of ` +
      `${formatShort(Number(one.maxDifference.toPrecision(2)))}, over ${one.samples} samples from ${at(one.firstMs)} ` +
      `to ${at(one.lastMs)} (${describePosition(this.#expression, one.span.from)})`
    )
  }
}

function limited(messages: readonly string[], kind: string): readonly string[] {
  if (messages.length <= MAX_TOLD) return messages
  const more = messages.length - MAX_TOLD
  return [...messages.slice(0, MAX_TOLD), `${more} more ${kind} annotations omitted`]
}
