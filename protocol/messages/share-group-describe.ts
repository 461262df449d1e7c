import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  groupId,
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

/** Describes share groups (KIP-932). */
export const ShareGroupDescribeRequest = request(
  77,
  'ShareGroupDescribe',
  versions('1', { flexible: '0+' }),
  {
    groupIds: array(groupId()),
    includeAuthorizedOperations: bool(),
  },
)
export interface ShareGroupDescribeRequest extends TypeOf<typeof ShareGroupDescribeRequest> {}

export const ShareGroupDescribeResponse = response(
  77,
  'ShareGroupDescribe',
  versions('1', { flexible: '0+' }),
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
        rackId: string({ nullable: '0+', default: null }),
        memberEpoch: int32(),
        clientId: string(),
        clientHost: string(),
        subscribedTopicNames: array(topicName()),
        assignment: struct(MemberAssignment),
      }),
      authorizedOperations: int32({ default: NO_AUTHORIZED_OPERATIONS }),
    }),
  },
)
export interface ShareGroupDescribeResponse extends TypeOf<typeof ShareGroupDescribeResponse> {}
