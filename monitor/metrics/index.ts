export type { Family, FamilyHistogram, FamilyLabels, FamilySample } from './family.ts'
export {
  listMonitorFamilies,
  type MeasuredGroup,
  type MonitorMetricSources,
  monitorFamilies,
} from './monitor-families.ts'
export { MonitorStats, type QueryResultKind } from './monitor-stats.ts'
export { metricsPage } from './page.ts'
export { renderFamilies, TEXT_CONTENT_TYPE } from './render.ts'
export { Counts, Durations } from './tallies.ts'
