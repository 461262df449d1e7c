import type { Context } from '@opentelemetry/api'
import type { ReadableSpan, Span, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Logger } from '../../kit/index.ts'

/** Spans that wait for the collector at most. */
export const MAX_WAITING_SPANS = 4096

/** Of exports that fail one after the other only so many are told. */
const TELL_EVERY = 60

const SUCCESS = 0

type OnExported = Parameters<SpanExporter['export']>[1]

/** Counts what another exporter sends, and says when it cannot. */
export class CountedExporter implements SpanExporter {
  exported = 0
  failed = 0
  readonly #exporter: SpanExporter
  readonly #logger: Logger
  #failuresInRow = 0

  constructor(exporter: SpanExporter, logger: Logger) {
    this.#exporter = exporter
    this.#logger = logger
  }

  export(spans: ReadableSpan[], onExported: OnExported): void {
    this.#exporter.export(spans, (result) => {
      if (result.code === SUCCESS) {
        this.exported += spans.length
        this.#failuresInRow = 0
      } else {
        this.failed += spans.length
        this.#tell(result.error)
      }
      onExported(result)
    })
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve()
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }

  #tell(error: Error | undefined): void {
    if (this.#failuresInRow++ % TELL_EVERY === 0) {
      this.#logger.warn({ err: error }, 'traces cannot be sent to the collector')
    }
  }
}

/** Lets only so many spans wait, and counts those that there is no room for. */
export class CountedProcessor implements SpanProcessor {
  refused = 0
  readonly #processor: SpanProcessor
  readonly #exporter: CountedExporter
  #taken = 0

  constructor(processor: SpanProcessor, exporter: CountedExporter) {
    this.#processor = processor
    this.#exporter = exporter
  }

  onStart(span: Span, parent: Context): void {
    this.#processor.onStart(span, parent)
  }

  onEnd(span: ReadableSpan): void {
    const waiting = this.#taken - this.#exporter.exported - this.#exporter.failed
    if (waiting >= MAX_WAITING_SPANS) {
      this.refused++
      return
    }
    this.#taken++
    this.#processor.onEnd(span)
  }

  forceFlush(): Promise<void> {
    return this.#processor.forceFlush()
  }

  shutdown(): Promise<void> {
    return this.#processor.shutdown()
  }
}
