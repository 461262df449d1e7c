import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  groupId,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

const MemberIdentity = {
  /** Empty when a static member is named by its instance id alone. */
  memberId: string(),
  groupInstanceId: string({ nullable: '0+', default: null }),
  reason: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
}

const MemberResponse = {
  memberId: string(),
  groupInstanceId: string({ nullable: '0+' }),
  errorCode: errorCode(),
}

/** One member leaves, or several at once from version 3 on, for administration (KIP-345). */
export const LeaveGroupRequest = request(13, 'LeaveGroup', versions('0-5', { flexible: '4+' }), {
  groupId: groupId(),
  /** The member that leaves, up to version 2. */
  memberId: string({ versions: '0-2' }),
  /** The members that leave, from version 3 on. */
  members: array(MemberIdentity, { versions: '3+' }),
})
export interface LeaveGroupRequest extends TypeOf<typeof LeaveGroupRequest> {}

export const LeaveGroupResponse = response(13, 'LeaveGroup', versions('0-5', { flexible: '4+' }), {
  throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
  errorCode: errorCode(),
  members: array(MemberResponse, { versions: '3+' }),
})
export interface LeaveGroupResponse extends TypeOf<typeof LeaveGroupResponse> {}
