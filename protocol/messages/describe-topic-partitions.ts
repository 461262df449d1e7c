import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  brokerId,
  errorCode,
  int32,
  leaderEpoch,
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

export const DescribeTopicPartitionsRequest = request(
  75,
  'DescribeTopicPartitions',
  versions('0', { flexible: '0+' }),
  {
    topics: array({
      name: topicName(),
    }),
    responsePartitionLimit: int32({ default: 2000 }),
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
        eligibleLeaderReplicas: array(brokerId(), { nullable: '0+', default: null }),
        lastKnownElr: array(brokerId(), { nullable: '0+', default: null }),
        offlineReplicas: array(brokerId()),
      }),
      topicAuthorizedOperations: int32({ default: -2147483648 }),
    }),
    nextCursor: struct(Cursor, { nullable: '0+', default: null }),
  },
)
export interface DescribeTopicPartitionsResponse
  extends TypeOf<typeof DescribeTopicPartitionsResponse> {}
