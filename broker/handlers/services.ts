import type { Clock, Logger, Random, Timers, Uuid } from '../../kit/index.ts'
import type { ControlPlane } from '../control/index.ts'
import type { GroupCoordinator } from '../groups/index.ts'
import type { LogConfig, LogStore } from '../log/index.ts'
import type { FetchSessions } from './fetch/fetch-sessions.ts'
import type { ProducerIds } from './producer-ids.ts'

/** A topic's configuration as it is in effect: its own values over the broker's over the defaults. */
export interface EffectiveTopicConfig {
  readonly log: LogConfig
  /** `max.message.bytes`: largest record batch, as stored. */
  readonly maxMessageBytes: number
  readonly minInsyncReplicas: number
  /** `producer` keeps what the producer chose. */
  readonly compressionType: 'producer' | 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** Codec level for `compressionType`; undefined leaves it to the codec. */
  readonly compressionLevel: number | undefined
  /** `message.timestamp.before.max.ms` and `.after.max.ms`, for timestamps that the producer set. */
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
}

/** Broker settings that handlers read on each use, so that a dynamic change takes effect at once. */
export interface EffectiveBrokerConfig {
  readonly autoCreateTopicsEnable: boolean
  /** `fetch.max.bytes`: most bytes of records in one Fetch response. */
  readonly fetchMaxBytes: number
  /** `max.incremental.fetch.session.cache.slots`. */
  readonly maxIncrementalFetchSessionCacheSlots: number
  /** `max.request.partition.size.limit`: most partitions in one DescribeTopicPartitions response. */
  readonly maxRequestPartitionSizeLimit: number
}

/** Configuration in effect. Cheap: called for every partition of every Produce request. */
export interface EffectiveConfig {
  /** Values of a topic that exists; of one that does not, the broker's defaults. */
  topicConfig(topic: string): EffectiveTopicConfig
  readonly broker: EffectiveBrokerConfig
}

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
  endpoint(listener: string): AdvertisedEndpoint
}

/** Where the logs lie, as DescribeLogDirs shows it. */
export interface LogDirectory {
  readonly path: string
  space(): Promise<{ readonly totalBytes: number; readonly freeBytes: number }>
}

/** All that a handler may touch. One object for the life of the broker. */
export interface BrokerServices {
  readonly log: LogStore
  readonly control: ControlPlane
  readonly groups: GroupCoordinator
  readonly producerIds: ProducerIds
  readonly fetchSessions: FetchSessions
  readonly config: EffectiveConfig
  readonly node: BrokerNode
  readonly logDirectory: LogDirectory
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
  readonly traffic: Traffic
}

/** Counts what goes through a topic. Plain numbers that only grow; telemetry reads them. */
export interface TopicTraffic {
  readonly topicId: Uuid
  messagesIn: number
  bytesIn: number
  bytesOut: number
  bytesRejected: number
  produceRequests: number
  failedProduceRequests: number
  fetchRequests: number
  failedFetchRequests: number
}

/** The counters of all topics. */
export interface Traffic {
  /** The counters of one topic, made when there are none. */
  of(topicId: Uuid): TopicTraffic
  all(): Iterable<TopicTraffic>
}
