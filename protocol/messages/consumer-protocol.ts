import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bytes,
  data,
  int32,
  partitionIndex,
  string,
  topicName,
  versions,
} from '../schema/index.ts'

const TopicPartition = {
  topic: topicName(),
  partitions: array(partitionIndex()),
}

/**
 * What a consumer puts into JoinGroup's metadata, behind an int16 version. Written by clients, of
 * which some are newer than this declaration: read a version beyond the last as the last one, and
 * let bytes that remain be.
 */
export const ConsumerProtocolSubscription = data('ConsumerProtocolSubscription', versions('0-3'), {
  topics: array(string()),
  /** The assignor's own. */
  userData: bytes({ nullable: '0+', default: null }),
  /** What the member holds from before, for cooperative rebalances (KIP-429). */
  ownedPartitions: array(TopicPartition, { versions: '1+', ignorable: true }),
  /** Of which generation these are; -1 for unknown (KIP-792). */
  generationId: int32({ versions: '2+', default: -1, ignorable: true }),
  /** For rack-aware assignment (KIP-881). */
  rackId: string({ versions: '3+', nullable: '3+', default: null, ignorable: true }),
})
export interface ConsumerProtocolSubscription extends TypeOf<typeof ConsumerProtocolSubscription> {}

/**
 * What the leader of a group of consumers puts into SyncGroup's assignments, behind an int16
 * version. To be read as tolerantly as the subscription.
 */
export const ConsumerProtocolAssignment = data('ConsumerProtocolAssignment', versions('0-3'), {
  assignedPartitions: array({
    topic: topicName(),
    partitions: array(partitionIndex()),
  }),
  userData: bytes({ nullable: '0+', default: null }),
})
export interface ConsumerProtocolAssignment extends TypeOf<typeof ConsumerProtocolAssignment> {}
