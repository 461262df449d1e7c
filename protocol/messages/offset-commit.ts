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

export const OffsetCommitRequest = request(
  8,
  'OffsetCommit',
  versions('0-10', { flexible: '8+', latestStable: 9 }),
  {
    groupId: groupId(),
    generationIdOrMemberEpoch: int32({ versions: '1+', default: -1, ignorable: true }),
    memberId: string({ versions: '1+', ignorable: true }),
    groupInstanceId: string({ versions: '7+', nullable: '7+', default: null }),
    retentionTimeMs: durationMs({ versions: '2-4', default: -1, ignorable: true }),
    topics: array({
      name: topicName({ versions: '0-9', ignorable: true }),
      topicId: uuid({ versions: '10+', ignorable: true }),
      partitions: array({
        partitionIndex: partitionIndex(),
        committedOffset: offset(),
        committedLeaderEpoch: leaderEpoch({ versions: '6+', default: -1, ignorable: true }),
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
