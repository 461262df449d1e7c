import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  bytes,
  errorCode,
  groupId,
  int32,
  NO_AUTHORIZED_OPERATIONS,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

/**
 * Describes classic groups. Version 6 answers GROUP_ID_NOT_FOUND for unknown ones (KIP-1043),
 * earlier versions a group in state Dead without error.
 */
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
      /** PreparingRebalance, CompletingRebalance, Stable, Empty or Dead. */
      groupState: string(),
      protocolType: string(),
      protocolData: string(),
      members: array({
        memberId: string(),
        groupInstanceId: string({ versions: '4+', nullable: '4+', default: null, ignorable: true }),
        clientId: string(),
        clientHost: string(),
        /** The subscription under the protocol in use. */
        memberMetadata: bytes(),
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32({ versions: '3+', default: NO_AUTHORIZED_OPERATIONS }),
    }),
  },
)
export interface DescribeGroupsResponse extends TypeOf<typeof DescribeGroupsResponse> {}
