import type { Clock, Random } from '../../kit/index.ts'
import type { OtelSpansOptions } from './otel-spans.ts'
import type { TracingSettings } from './tracing.ts'
import { Tracing } from './tracing.ts'

export interface OpenTracingOptions extends OtelSpansOptions {
  readonly settings: TracingSettings
  readonly clock: Clock
  readonly random: Random
}

/** Starts tracing. OpenTelemetry is loaded here and not before: without a collector it costs nothing. */
export async function openTracing(options: OpenTracingOptions): Promise<Tracing> {
  const { OtelSpans } = await import('./otel-spans.ts')
  return new Tracing({ ...options, spans: new OtelSpans(options) })
}
