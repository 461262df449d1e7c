export type { GroupLag, LagTrend, PartitionLag } from './group-lag.ts'
export { addLagApi } from './lag-routes.ts'
export type { GroupStatus, PartitionStatus } from './lag-status.ts'
export { LagTracker } from './lag-tracker.ts'
