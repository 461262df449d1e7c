/**
 * Settings of the group coordinator, under the names that Kafka gives them. Read on each use, so
 * that a dynamic change takes effect at once.
 */
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
  /** How long a JoinGroup of a member that has no other way to show life may wait; no config in Kafka. */
  readonly newMemberJoinTimeoutMs: number
  /** `glasslog.groups.max`: most groups on this broker. */
  readonly maxGroups: number
  /** `glasslog.group.max.pending.members`: most ids of one group that were given out and not yet used. */
  readonly maxPendingMembers: number
  /** Largest record batch that the coordinator writes, which bounds the size of a group's metadata. */
  readonly maxBatchBytes: number
}

/** Kafka's defaults; the last three are ours. */
export const defaultGroupConfig: GroupConfig = {
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 3_000,
  maxSize: 2_147_483_647,
  offsetMetadataMaxSize: 4_096,
  offsetsRetentionMs: 7 * 24 * 60 * 60_000,
  offsetsRetentionCheckIntervalMs: 600_000,
  offsetsTopicPartitions: 50,
  offsetsTopicSegmentBytes: 104_857_600,
  newMemberJoinTimeoutMs: 5 * 60_000,
  maxGroups: 100_000,
  maxPendingMembers: 10_000,
  maxBatchBytes: 1_048_588,
}
