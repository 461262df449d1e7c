export type { ListenerConfig } from './bound-listener.ts'
export { type ClientStats, ClientTable } from './client-stats.ts'
export type {
  ConnectionInfo,
  KafkaServer,
  KafkaServerOptions,
  NetworkEvent,
  PreparedListener,
} from './kafka-server.ts'
export { createKafkaServer, DEFAULT_MAX_CLIENT_IDS } from './kafka-server.ts'
export type { Exemplar, LatencyExemplars } from './latency-exemplars.ts'
export { LATENCY_BUCKETS, LatencyHistogram, latencyBucketBoundMs } from './latency-histogram.ts'
export { connectionsWithin, type NetworkSettings } from './network-settings.ts'
export { ApiStats, type CloseReason, type LoginCounts, RequestStats } from './request-stats.ts'
export { ResponseErrors } from './response-errors.ts'
