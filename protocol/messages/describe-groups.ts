import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  bytes,
  errorCode,
  groupId,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

export const DescribeGroupsRequest = request(
  15,
  'DescribeGroups',
  versions('0-6', { flexible: '5+' }),
  {
    groups: array(groupId()),
    includeAuthorizedOperations: bool({ versions: '3+' }),
  },
)
export interface DescribeGroupsRequest extends TypeOf<typeof DescribeGroupsRequest> {}

export const DescribeGroupsResponse = response(
  15,
  'DescribeGroups',
  versions('0-6', { flexible: '5+' }),
  {
    throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
    groups: array({
      errorCode: errorCode(),
      errorMessage: string({ versions: '6+', nullable: '6+', default: null }),
      groupId: groupId(),
      groupState: string(),
      protocolType: string(),
      protocolData: string(),
      members: array({
        memberId: string(),
        groupInstanceId: string({ versions: '4+', nullable: '4+', default: null, ignorable: true }),
        clientId: string(),
        clientHost: string(),
        memberMetadata: bytes(),
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32({ versions: '3+', default: -2147483648 }),
    }),
  },
)
export interface DescribeGroupsResponse extends TypeOf<typeof DescribeGroupsResponse> {}
