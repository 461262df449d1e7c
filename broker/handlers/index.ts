import { offsetCommit } from './08-offset-commit.ts'
import { offsetFetch } from './09-offset-fetch.ts'
import { findCoordinator } from './10-find-coordinator.ts'
import { joinGroup } from './11-join-group.ts'
import { heartbeat } from './12-heartbeat.ts'
import { leaveGroup } from './13-leave-group.ts'
import { syncGroup } from './14-sync-group.ts'
import { describeGroups } from './15-describe-groups.ts'
import { listGroups } from './16-list-groups.ts'
import { deleteGroups } from './42-delete-groups.ts'
import { offsetDelete } from './47-offset-delete.ts'
import type { Handler } from './handler.ts'

export type {
  ConnectionView,
  Handler,
  Permission,
  RequestContext,
  Stage,
  VersionRange,
} from './handler.ts'
export { CloseConnection, defineHandler } from './handler.ts'
export type {
  AdvertisedEndpoint,
  BrokerNode,
  BrokerServices,
  LogDirectory,
  TopicTraffic,
  Traffic,
} from './services.ts'

/**
 * Every API that this broker serves, by key. What is in this list is what ApiVersions advertises
 * and what docs/compatibility.md shows; there is no other registry.
 */
export const handlers: readonly Handler[] = [
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  describeGroups,
  listGroups,
  deleteGroups,
  offsetDelete,
  // 19, 20, 32, 33, 37, 43-46, 74: administration.
]
