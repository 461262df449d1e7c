import type { Clock, Logger, Random, Timers, Uuid } from '../../kit/index.ts'
import type { ClientMetrics } from '../client-metrics/index.ts'
import type { ControlPlane } from '../control/index.ts'
import type { GroupCoordinator } from '../groups/index.ts'
import type { LogStore } from '../log/index.ts'
import type { Quotas } from '../quotas/index.ts'
import type { AccessControl } from '../security/index.ts'
import type { ConnectionView } from './connection-view.ts'
import type { FetchMemory } from './fetch/fetch-memory.ts'
import type { FetchSessions } from './fetch/fetch-sessions.ts'
import type { CompressionSampler, CompressionSamples } from './produce/compression-sampler.ts'
import type { ProducerIds } from './producer-ids.ts'
import type { RecordTracing } from './record-tracing.ts'

/** A place where this broker may be reached, as it tells clients. */
export interface AdvertisedEndpoint {
  readonly host: string
  readonly port: number
}

/** This broker, as Metadata shows it. */
export interface BrokerNode {
  readonly id: number
  readonly rack: string | null
  /** Where clients of a listener find this broker; known once the listener is bound. */
  endpoint(connection: ConnectionView): AdvertisedEndpoint
}

/** Where the logs lie, as DescribeLogDirs shows it. */
export interface LogDirectory {
  readonly path: string
  space(): Promise<{ readonly totalBytes: number; readonly freeBytes: number }>
}

/** All that a handler may touch. One object for the life of the broker. */
export interface BrokerServices {
  readonly log: LogStore
  /** Topics, their configuration in effect (`topicConfig`), and the broker's (`config.values`). */
  readonly control: ControlPlane
  /** Who may do what; handlers ask it through `authorize.ts`. */
  readonly access: AccessControl
  /** For how long clients have to wait; handlers ask it through `throttling.ts`. */
  readonly quotas: Quotas
  readonly groups: GroupCoordinator
  readonly producerIds: ProducerIds
  readonly fetchSessions: FetchSessions
  readonly fetchMemory: FetchMemory
  readonly node: BrokerNode
  readonly logDirectory: LogDirectory
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
  readonly traffic: Traffic
  /** Follows records through the broker; null when nobody asks for traces. */
  readonly recordTracing: RecordTracing | null
  /** What clients report of themselves. */
  readonly clientMetrics: ClientMetrics
}

/** Counts what goes through a topic. Plain numbers that only grow; telemetry reads them. */
export interface TopicTraffic extends CompressionSamples {
  readonly topicId: Uuid
  messagesIn: number
  bytesIn: number
  bytesOut: number
  bytesRejected: number
  produceRequests: number
  failedProduceRequests: number
  fetchRequests: number
  failedFetchRequests: number
  /** Records that came, or went, in message formats 0 and 1. */
  produceConversions: number
  fetchConversions: number
  /** Batches appended, by the id of their compression. */
  readonly batches: number[]
}

/** The counters of all topics. */
export interface Traffic {
  /** The counters of one topic, made when there are none. */
  of(topicId: Uuid): TopicTraffic
  all(): Iterable<TopicTraffic>
  readonly compression: CompressionSampler
}
