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
 * The consumer protocol's one request (KIP-848): join, keep alive, report and leave. After the
 * first heartbeat a field that has not changed may be null. Version 1 adds regular expressions, and
 * lets the member make up its own id (KIP-1082).
 */
export const ConsumerGroupHeartbeatRequest = request(
  68,
  'ConsumerGroupHeartbeat',
  versions('0-1', { flexible: '0+' }),
  {
    groupId: groupId(),
    memberId: string(),
    /** 0 to join, -1 to leave, -2 to leave for a short while as a static member. */
    memberEpoch: int32(),
    instanceId: string({ nullable: '0+', default: null }),
    rackId: string({ nullable: '0+', default: null }),
    /** -1 when it has not changed. */
    rebalanceTimeoutMs: int32({ default: -1 }),
    subscribedTopicNames: array(topicName(), { nullable: '0+', default: null }),
    subscribedTopicRegex: string({ versions: '1+', nullable: '1+', default: null }),
    serverAssignor: string({ nullable: '0+', default: null }),
    /** What the member owns at the moment; null when it has not changed. */
    topicPartitions: array(TopicIdPartitions, { nullable: '0+', default: null }),
  },
)
export interface ConsumerGroupHeartbeatRequest
  extends TypeOf<typeof ConsumerGroupHeartbeatRequest> {}

/** The assignment is null as long as it has not changed. */
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
