export { type OpenTracingOptions, openTracing } from './open-tracing.ts'
export type { SpanCounts } from './spans.ts'
export type { Tracing, TracingSettings } from './tracing.ts'
