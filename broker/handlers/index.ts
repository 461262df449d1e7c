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
  // 8-16, 42, 47: groups. 19, 20, 32, 33, 37, 43-46, 74: administration.
]
