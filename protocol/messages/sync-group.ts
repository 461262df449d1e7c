import type { TypeOf } from '../schema/index.ts'
import {
  array,
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

/** Second half of a rebalance: the leader hands in everybody's assignment, all get their own. */
export const SyncGroupRequest = request(14, 'SyncGroup', versions('0-5', { flexible: '4+' }), {
  groupId: groupId(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string({ versions: '3+', nullable: '3+', default: null }),
  /** Must be that of the group, when given (KIP-559). */
  protocolType: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
  protocolName: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
  /** Empty but from the group's leader. */
  assignments: array({
    memberId: string(),
    assignment: bytes(),
  }),
})
export interface SyncGroupRequest extends TypeOf<typeof SyncGroupRequest> {}

export const SyncGroupResponse = response(14, 'SyncGroup', versions('0-5', { flexible: '4+' }), {
  throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
  errorCode: errorCode(),
  protocolType: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
  protocolName: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
  assignment: bytes(),
})
export interface SyncGroupResponse extends TypeOf<typeof SyncGroupResponse> {}
