export {
  type AdminAddress,
  type AdminAnswer,
  AdminClient,
  type AdminRequest,
  BrokerUnreachableError,
  type FindAdmin,
  LARGEST_PAGE,
} from './admin-client.ts'
export { brokerNumber, deletesOldRecords, retentionBytes, retentionMs } from './effective-config.ts'
export type * from './entities.ts'
export { inParallel } from './in-parallel.ts'
export { reachableHost } from './reachable-host.ts'
export { onlyValue, type ReadingName, readingExpression, sumOf, sumsBy } from './readings.ts'
export { type AskedRequest, addRoute, pageOf, RequestFault } from './routes.ts'
export { type Curve, type Reading, type SeriesQuery, storeQuery } from './series-query.ts'
export { type ClusterSnapshot, gatherSnapshot, type SnapshotSources } from './snapshot.ts'
