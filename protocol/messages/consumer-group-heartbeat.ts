import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  groupId,
  int32,
  partitionIndex,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

const TopicPartitions = {
  topicId: uuid(),
  partitions: array(partitionIndex()),
}

const Assignment = {
  topicPartitions: array(TopicPartitions),
}

export const ConsumerGroupHeartbeatRequest = request(
  68,
  'ConsumerGroupHeartbeat',
  versions('0-1', { flexible: '0+' }),
  {
    groupId: groupId(),
    memberId: string(),
    memberEpoch: int32(),
    instanceId: string({ nullable: '0+', default: null }),
    rackId: string({ nullable: '0+', default: null }),
    rebalanceTimeoutMs: int32({ default: -1 }),
    subscribedTopicNames: array(topicName(), { nullable: '0+', default: null }),
    subscribedTopicRegex: string({ versions: '1+', nullable: '1+', default: null }),
    serverAssignor: string({ nullable: '0+', default: null }),
    topicPartitions: array(TopicPartitions, { nullable: '0+', default: null }),
  },
)
export interface ConsumerGroupHeartbeatRequest
  extends TypeOf<typeof ConsumerGroupHeartbeatRequest> {}

export const ConsumerGroupHeartbeatResponse = response(
  68,
  'ConsumerGroupHeartbeat',
  versions('0-1', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+', default: null }),
    memberId: string({ nullable: '0+', default: null }),
    memberEpoch: int32(),
    heartbeatIntervalMs: int32(),
    assignment: struct(Assignment, { nullable: '0+', default: null }),
  },
)
export interface ConsumerGroupHeartbeatResponse
  extends TypeOf<typeof ConsumerGroupHeartbeatResponse> {}
