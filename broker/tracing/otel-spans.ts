import type { Context, HrTime, SpanContext, Tracer } from '@opentelemetry/api'
import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Logger, Timers } from '../../kit/index.ts'
import type { TraceContext } from '../handlers/index.ts'
import { CountedExporter, CountedProcessor, MAX_WAITING_SPANS } from './counted-export.ts'
import type { OpenSpan, SpanCounts, SpanStart, Spans } from './spans.ts'

export interface OtelSpansOptions {
  /** Base address of a collector, and headers for it; a test gives an exporter of its own. */
  readonly target:
    | { readonly endpoint: string; readonly headers: Readonly<Record<string, string>> }
    | { readonly exporter: SpanExporter }
  /** Who this is: attributes of OpenTelemetry's resource. */
  readonly resource: Readonly<Record<string, string>>
  readonly timers: Timers
  readonly logger: Logger
}

const SEND_EVERY_MS = 1000
const EXPORT_TIMEOUT_MS = 10_000
const STOP_DEADLINE_MS = 1000
/** Nobody's text makes a span large. */
const MAX_TEXT_LENGTH = 1024

const KINDS = { server: SpanKind.SERVER, internal: SpanKind.INTERNAL } as const

/**
 * Spans by OpenTelemetry's SDK, sent by OTLP over HTTP. The only file that imports it, and one that is
 * loaded when there is a collector. Whoever starts a span has decided that it is recorded.
 */
export class OtelSpans implements Spans {
  readonly #exporter: CountedExporter
  readonly #processor: CountedProcessor
  readonly #provider: TracerProvider
  readonly #tracer: Tracer
  readonly #timers: Timers

  constructor({ target, resource, timers, logger }: OtelSpansOptions) {
    this.#timers = timers
    this.#exporter = new CountedExporter(
      'exporter' in target
        ? target.exporter
        : new OTLPTraceExporter({
            url: `${target.endpoint.replace(/\/+$/, '')}/v1/traces`,
            headers: { ...target.headers },
          }),
      logger,
    )
    const batches = new BatchSpanProcessor({
      exporter: this.#exporter,
      maxQueueSize: MAX_WAITING_SPANS,
      scheduledDelayMillis: SEND_EVERY_MS,
      exportTimeoutMillis: EXPORT_TIMEOUT_MS,
    })
    this.#processor = new CountedProcessor(batches, this.#exporter)
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes(resource),
      sampler: new AlwaysOnSampler(),
      spanLimits: { attributeValueLengthLimit: MAX_TEXT_LENGTH },
      spanProcessors: [this.#processor],
    })
    this.#tracer = this.#provider.getTracer('glasslog')
  }

  get counts(): SpanCounts {
    const { exported, failed } = this.#exporter
    return { exported, dropped: failed + this.#processor.refused }
  }

  start({ name, kind, fromMs, parent, links = [], attributes = {} }: SpanStart): OpenSpan {
    const span = this.#tracer.startSpan(
      name,
      {
        kind: KINDS[kind],
        startTime: timeOf(fromMs),
        attributes,
        links: links.map((context) => ({ context: spanContextOf(context) })),
      },
      parentOf(parent),
    )
    const { traceId, spanId } = span.spanContext()
    const traceState = parent?.traceState ?? null
    return {
      context: { traceId, spanId, isSampled: true, traceState },
      set: (key, value) => void span.setAttribute(key, value),
      end(toMs, failure) {
        if (failure !== undefined) {
          const message = failure.slice(0, MAX_TEXT_LENGTH)
          span.setStatus({ code: SpanStatusCode.ERROR, message })
        }
        span.end(timeOf(toMs))
      },
    }
  }

  async stop(): Promise<void> {
    const ended = Promise.withResolvers<void>()
    const cancel = this.#timers.after(STOP_DEADLINE_MS, ended.resolve)
    // What the collector does not take in time is lost; the exporter has counted and told it.
    this.#provider.shutdown().then(ended.resolve, () => ended.resolve())
    await ended.promise
    cancel()
  }
}

function parentOf(parent: TraceContext | null): Context {
  return parent ? trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent)) : ROOT_CONTEXT
}

function spanContextOf({ traceId, spanId, traceState }: TraceContext): SpanContext {
  const remote = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true }
  return traceState === null ? remote : { ...remote, traceState: createTraceState(traceState) }
}

/** As seconds and nanoseconds: a plain number could be taken for one of another clock. */
function timeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
}
