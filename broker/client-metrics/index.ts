export { MAX_CLIENT_INSTANCES } from './client-instances.ts'
export {
  ClientMetrics,
  type ClientMetricsOptions,
  type Push,
  type SubscriptionAnswer,
  type TelemetryClient,
} from './client-metrics.ts'
export {
  type OtlpForwardCounts,
  OtlpForwarder,
  type OtlpForwarderOptions,
} from './forward/otlp-forwarder.ts'
export { type OtlpTarget, otlpPost } from './forward/otlp-post.ts'
export type { ClientReports, ReportedSeries } from './reports/client-reports.ts'
export { REPORTED_METRICS } from './reports/reported-metrics.ts'
