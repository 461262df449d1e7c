import type { BrokerConfigValues } from '../control/index.ts'

/** Settings of the group coordinator. Read on each use, so that a dynamic change takes effect at once. */
export interface GroupConfig {
  /** `group.min.session.timeout.ms` */
  readonly minSessionTimeoutMs: number
  /** `group.max.session.timeout.ms` */
  readonly maxSessionTimeoutMs: number
  /** `group.initial.rebalance.delay.ms`: how long an empty group waits for more members. */
  readonly initialRebalanceDelayMs: number
  /** `group.max.size`: most members of one group. */
  readonly maxSize: number
  /** `offset.metadata.max.bytes`, counted in characters as Kafka does. */
  readonly offsetMetadataMaxSize: number
  /** `offsets.retention.minutes`, in milliseconds. */
  readonly offsetsRetentionMs: number
  /** `offsets.retention.check.interval.ms` */
  readonly offsetsRetentionCheckIntervalMs: number
  /** `offsets.topic.num.partitions`: taken when the topic is created, fixed from then on. */
  readonly offsetsTopicPartitions: number
  /** `offsets.topic.segment.bytes`: likewise. */
  readonly offsetsTopicSegmentBytes: number
  /** How long a JoinGroup of a member that has no other way to show life may wait. */
  readonly newMemberJoinTimeoutMs: number
  /** `offsets.commit.timeout.ms`: how long a request waits for its records before it is told to try again. */
  readonly commitTimeoutMs: number
  /** Most groups on this broker. */
  readonly maxGroups: number
  /** Most ids of one group that were given out and not yet used. */
  readonly maxPendingMembers: number
  /** Most that the members of all groups may keep in memory: what they said and what they got. */
  readonly maxMemberBytes: number
  /** Largest record batch that the coordinator writes, which bounds the size of a group's metadata. */
  readonly maxBatchBytes: number
}

/** What no configuration sets: bounds that keep one client from filling the memory. */
export const fixedGroupConfig = {
  newMemberJoinTimeoutMs: 5 * 60_000,
  maxGroups: 100_000,
  maxPendingMembers: 10_000,
  maxMemberBytes: 512 * 1024 * 1024,
  maxBatchBytes: 1_048_588,
} as const

/** The coordinator's settings out of the broker's, which are one live object; so is this. */
export function groupConfig(values: BrokerConfigValues): GroupConfig {
  return {
    ...fixedGroupConfig,
    get minSessionTimeoutMs() {
      return values.groupMinSessionTimeoutMs
    },
    get maxSessionTimeoutMs() {
      return values.groupMaxSessionTimeoutMs
    },
    get initialRebalanceDelayMs() {
      return values.groupInitialRebalanceDelayMs
    },
    get maxSize() {
      return values.groupMaxSize
    },
    get offsetMetadataMaxSize() {
      return values.offsetMetadataMaxBytes
    },
    get commitTimeoutMs() {
      return values.offsetsCommitTimeoutMs
    },
    get offsetsRetentionMs() {
      return values.offsetsRetentionMinutes * 60_000
    },
    get offsetsRetentionCheckIntervalMs() {
      return values.offsetsRetentionCheckIntervalMs
    },
    get offsetsTopicPartitions() {
      return values.offsetsTopicNumPartitions
    },
    get offsetsTopicSegmentBytes() {
      return values.offsetsTopicSegmentBytes
    },
  }
}
