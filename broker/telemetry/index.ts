export type { Exposition, MetricsEndpoint } from './exposition/endpoint.ts'
export type { ProofState } from './families/proofs.ts'
export {
  type BrokerSources,
  listFamilies,
  type MetricSources,
  metricFamilies,
} from './families.ts'
export type { Dialect, Family } from './family.ts'
export { createMetrics, type MetricsOptions } from './metrics.ts'
export { DEFAULT_METRIC_SETTINGS, type MetricSettings } from './settings.ts'
