export { createMetricsEndpoint, type Exposition, type MetricsEndpoint } from './exposition.ts'
export type { ProofState } from './families/proofs.ts'
export { listFamilies, type MetricSources, metricFamilies } from './families.ts'
export type { Family } from './family.ts'
