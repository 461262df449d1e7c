import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  groupId,
  int32,
  leaderEpoch,
  offset,
  partitionIndex,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

const OffsetFetchRequestTopic = {
  name: topicName(),
  partitionIndexes: array(partitionIndex()),
}

const OffsetFetchRequestTopics = {
  name: topicName({ versions: '8-9', ignorable: true }),
  topicId: uuid({ versions: '10+', ignorable: true }),
  partitionIndexes: array(partitionIndex()),
}

const OffsetFetchRequestGroup = {
  groupId: groupId(),
  memberId: string({ versions: '9+', nullable: '9+', default: null, ignorable: true }),
  memberEpoch: int32({ versions: '9+', default: -1, ignorable: true }),
  topics: array(OffsetFetchRequestTopics, { nullable: '0+' }),
}

const OffsetFetchResponseTopic = {
  name: topicName(),
  partitions: array({
    partitionIndex: partitionIndex(),
    committedOffset: offset(),
    committedLeaderEpoch: leaderEpoch({ versions: '5-7', default: -1, ignorable: true }),
    metadata: string({ nullable: '0+' }),
    errorCode: errorCode(),
  }),
}

const OffsetFetchResponseGroup = {
  groupId: groupId(),
  topics: array({
    name: topicName({ versions: '8-9', ignorable: true }),
    topicId: uuid({ versions: '10+', ignorable: true }),
    partitions: array({
      partitionIndex: partitionIndex(),
      committedOffset: offset(),
      committedLeaderEpoch: leaderEpoch({ default: -1 }),
      metadata: string({ nullable: '0+' }),
      errorCode: errorCode(),
    }),
  }),
  errorCode: errorCode({ default: 0 }),
}

/**
 * Reads a group's committed offsets. Up to version 7 one group by plain fields, from 8 on several
 * in `groups` (KIP-709), where 9 checks the member's epoch. Version 10, by topic id, is not stable
 * yet.
 */
export const OffsetFetchRequest = request(
  9,
  'OffsetFetch',
  versions('0-10', { flexible: '6+', latestStable: 9 }),
  {
    groupId: groupId({ versions: '0-7' }),
    /** Null for all topics with offsets, from version 2 on. */
    topics: array(OffsetFetchRequestTopic, { versions: '0-7', nullable: '2-7' }),
    groups: array(OffsetFetchRequestGroup, { versions: '8+' }),
    /** Answer UNSTABLE_OFFSET_COMMIT while a transaction may change the offset (KIP-447). */
    requireStable: bool({ versions: '7+', default: false }),
  },
)
export interface OffsetFetchRequest extends TypeOf<typeof OffsetFetchRequest> {}

/** An offset of -1 without error means that the group has committed none for the partition. */
export const OffsetFetchResponse = response(
  9,
  'OffsetFetch',
  versions('0-10', { flexible: '6+', latestStable: 9 }),
  {
    throttleTimeMs: throttleTimeMs({ versions: '3+', ignorable: true }),
    topics: array(OffsetFetchResponseTopic, { versions: '0-7' }),
    /** The whole group's error; up to version 1 it stands on every partition. */
    errorCode: errorCode({ versions: '2-7', default: 0, ignorable: true }),
    groups: array(OffsetFetchResponseGroup, { versions: '8+' }),
  },
)
export interface OffsetFetchResponse extends TypeOf<typeof OffsetFetchResponse> {}
