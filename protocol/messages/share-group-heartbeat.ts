import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  groupId,
  int32,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'
import { TopicIdPartitions } from './shared.ts'

const Assignment = {
  topicPartitions: array(TopicIdPartitions),
}

/**
 * Heartbeat of a member of a share group (KIP-932). Version 0 was an early trial with other bytes
 * and is not declared, as in all share group requests.
 */
export const ShareGroupHeartbeatRequest = request(
  76,
  'ShareGroupHeartbeat',
  versions('1', { flexible: '0+' }),
  {
    groupId: groupId(),
    memberId: string(),
    /** 0 to join, -1 to leave. */
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
