import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  groupId,
  int8,
  int32,
  NO_AUTHORIZED_OPERATIONS,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'
import { MemberAssignment } from './shared.ts'

/**
 * Describes groups of the consumer protocol (KIP-848); version 1 says of which type members are.
 */
export const ConsumerGroupDescribeRequest = request(
  69,
  'ConsumerGroupDescribe',
  versions('0-1', { flexible: '0+' }),
  {
    groupIds: array(groupId()),
    includeAuthorizedOperations: bool(),
  },
)
export interface ConsumerGroupDescribeRequest extends TypeOf<typeof ConsumerGroupDescribeRequest> {}

export const ConsumerGroupDescribeResponse = response(
  69,
  'ConsumerGroupDescribe',
  versions('0-1', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    groups: array({
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+', default: null }),
      groupId: groupId(),
      groupState: string(),
      groupEpoch: int32(),
      assignmentEpoch: int32(),
      assignorName: string(),
      members: array({
        memberId: string(),
        instanceId: string({ nullable: '0+', default: null }),
        rackId: string({ nullable: '0+', default: null }),
        memberEpoch: int32(),
        clientId: string(),
        clientHost: string(),
        subscribedTopicNames: array(topicName()),
        subscribedTopicRegex: string({ nullable: '0+', default: null }),
        assignment: struct(MemberAssignment),
        targetAssignment: struct(MemberAssignment),
        /** -1: unknown, 0: classic, 1: consumer. */
        memberType: int8({ versions: '1+', default: -1, ignorable: true }),
      }),
      authorizedOperations: int32({ default: NO_AUTHORIZED_OPERATIONS }),
    }),
  },
)
export interface ConsumerGroupDescribeResponse
  extends TypeOf<typeof ConsumerGroupDescribeResponse> {}
