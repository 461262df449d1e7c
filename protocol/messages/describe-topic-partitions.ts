import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  brokerId,
  errorCode,
  int32,
  leaderEpoch,
  NO_AUTHORIZED_OPERATIONS,
  partitionIndex,
  request,
  response,
  struct,
  throttleTimeMs,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

const Cursor = {
  topicName: topicName(),
  partitionIndex: partitionIndex(),
}

/** Topics page by page, for clusters whose metadata does not fit one response (KIP-966). */
export const DescribeTopicPartitionsRequest = request(
  75,
  'DescribeTopicPartitions',
  versions('0', { flexible: '0+' }),
  {
    topics: array({
      name: topicName(),
    }),
    responsePartitionLimit: int32({ default: 2000 }),
    /** Where to go on: the previous response's nextCursor. */
    cursor: struct(Cursor, { nullable: '0+', default: null }),
  },
)
export interface DescribeTopicPartitionsRequest
  extends TypeOf<typeof DescribeTopicPartitionsRequest> {}

export const DescribeTopicPartitionsResponse = response(
  75,
  'DescribeTopicPartitions',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    topics: array({
      errorCode: errorCode(),
      name: topicName({ nullable: '0+' }),
      topicId: uuid(),
      isInternal: bool({ default: false }),
      partitions: array({
        errorCode: errorCode(),
        partitionIndex: partitionIndex(),
        leaderId: brokerId(),
        leaderEpoch: leaderEpoch({ default: -1 }),
        replicaNodes: array(brokerId()),
        isrNodes: array(brokerId()),
        /** Replicas outside of the in-sync set that are known to be complete. */
        eligibleLeaderReplicas: array(brokerId(), { nullable: '0+', default: null }),
        lastKnownElr: array(brokerId(), { nullable: '0+', default: null }),
        offlineReplicas: array(brokerId()),
      }),
      topicAuthorizedOperations: int32({ default: NO_AUTHORIZED_OPERATIONS }),
    }),
    nextCursor: struct(Cursor, { nullable: '0+', default: null }),
  },
)
export interface DescribeTopicPartitionsResponse
  extends TypeOf<typeof DescribeTopicPartitionsResponse> {}
