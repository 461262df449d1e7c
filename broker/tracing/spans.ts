import type { TraceContext } from '../handlers/index.ts'

/** What a span is told to be besides its times. */
export interface SpanStart {
  readonly name: string
  /** `server` for requests, `internal` for what is inside of one. */
  readonly kind: 'server' | 'internal'
  /** Wall-clock milliseconds since the epoch, with fractions. */
  readonly fromMs: number
  /** Null begins a trace. */
  readonly parent: TraceContext | null
  /** Other spans that it has to do with. */
  readonly links?: readonly TraceContext[]
  readonly attributes?: Readonly<Record<string, string | number>>
}

/** A span that has begun. */
export interface OpenSpan {
  readonly context: TraceContext
  set(name: string, value: string | number): void
  /** `failure` says why it did not work. */
  end(toMs: number, failure?: string): void
}

/** Spans on their way to the collector. Plain numbers that only grow. */
export interface SpanCounts {
  readonly exported: number
  /** Those that found the queue full, and those that the collector did not take. */
  readonly dropped: number
}

/** Where spans go. */
export interface Spans {
  readonly counts: SpanCounts
  start(span: SpanStart): OpenSpan
  /** Sends what waits, as far as there is time. */
  stop(): Promise<void>
}
