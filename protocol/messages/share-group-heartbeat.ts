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

export const ShareGroupHeartbeatRequest = request(
  76,
  'ShareGroupHeartbeat',
  versions('1', { flexible: '0+' }),
  {
    groupId: groupId(),
    memberId: string(),
    memberEpoch: int32(),
    rackId: string({ nullable: '0+', default: null }),
    subscribedTopicNames: array(topicName(), { nullable: '0+', default: null }),
  },
)
export interface ShareGroupHeartbeatRequest extends TypeOf<typeof ShareGroupHeartbeatRequest> {}

export const ShareGroupHeartbeatResponse = response(
  76,
  'ShareGroupHeartbeat',
  versions('1', { flexible: '0+' }),
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
export interface ShareGroupHeartbeatResponse extends TypeOf<typeof ShareGroupHeartbeatResponse> {}
