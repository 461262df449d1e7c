import type { TypeOf } from '../schema/index.ts'
import {
  array,
  durationMs,
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
  timestamp,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

/**
 * Stores a group's offsets. Version 0 stored them in ZooKeeper, 1 and later in the group's
 * partition; 9 serves the consumer protocol too (KIP-848). Version 10, by topic id, is not stable
 * yet.
 */
export const OffsetCommitRequest = request(
  8,
  'OffsetCommit',
  versions('0-10', { flexible: '8+', latestStable: 9 }),
  {
    groupId: groupId(),
    /**
     * Generation in classic groups, member epoch in the others; -1 for commits from outside of the
     * group.
     */
    generationIdOrMemberEpoch: int32({ versions: '1+', default: -1, ignorable: true }),
    memberId: string({ versions: '1+', ignorable: true }),
    groupInstanceId: string({ versions: '7+', nullable: '7+', default: null }),
    /** -1 for the broker's default. Gone since version 5 (KIP-211). */
    retentionTimeMs: durationMs({ versions: '2-4', default: -1, ignorable: true }),
    topics: array({
      name: topicName({ versions: '0-9', ignorable: true }),
      topicId: uuid({ versions: '10+', ignorable: true }),
      partitions: array({
        partitionIndex: partitionIndex(),
        committedOffset: offset(),
        committedLeaderEpoch: leaderEpoch({ versions: '6+', default: -1, ignorable: true }),
        /** In version 1 alone: since when the offset counts; -1 for now. */
        commitTimestamp: timestamp({ versions: '1', default: -1 }),
        committedMetadata: string({ nullable: '0+' }),
      }),
    }),
  },
)
export interface OffsetCommitRequest extends TypeOf<typeof OffsetCommitRequest> {}

export const OffsetCommitResponse = response(
  8,
  'OffsetCommit',
  versions('0-10', { flexible: '8+', latestStable: 9 }),
  {
    throttleTimeMs: throttleTimeMs({ versions: '3+', ignorable: true }),
    topics: array({
      name: topicName({ versions: '0-9', ignorable: true }),
      topicId: uuid({ versions: '10+', ignorable: true }),
      partitions: array({
        partitionIndex: partitionIndex(),
        errorCode: errorCode(),
      }),
    }),
  },
)
export interface OffsetCommitResponse extends TypeOf<typeof OffsetCommitResponse> {}
