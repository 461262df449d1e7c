import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  groupId,
  int32,
  leaderEpoch,
  offset,
  partitionIndex,
  producerEpoch,
  producerId,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  transactionalId,
  versions,
} from '../schema/index.ts'

/**
 * Commits offsets as part of a transaction; they count once it is committed. Version 3 lets the
 * coordinator fence members of another generation (KIP-447).
 */
export const TxnOffsetCommitRequest = request(
  28,
  'TxnOffsetCommit',
  versions('0-5', { flexible: '3+' }),
  {
    transactionalId: transactionalId(),
    groupId: groupId(),
    producerId: producerId(),
    producerEpoch: producerEpoch(),
    generationId: int32({ versions: '3+', default: -1 }),
    memberId: string({ versions: '3+', default: '' }),
    groupInstanceId: string({ versions: '3+', nullable: '3+', default: null }),
    topics: array({
      name: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        committedOffset: offset(),
        committedLeaderEpoch: leaderEpoch({ versions: '2+', default: -1, ignorable: true }),
        committedMetadata: string({ nullable: '0+' }),
      }),
    }),
  },
)
export interface TxnOffsetCommitRequest extends TypeOf<typeof TxnOffsetCommitRequest> {}

export const TxnOffsetCommitResponse = response(
  28,
  'TxnOffsetCommit',
  versions('0-5', { flexible: '3+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    topics: array({
      name: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        errorCode: errorCode(),
      }),
    }),
  },
)
export interface TxnOffsetCommitResponse extends TypeOf<typeof TxnOffsetCommitResponse> {}
