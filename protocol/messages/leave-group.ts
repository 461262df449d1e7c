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
  memberId: string(),
  groupInstanceId: string({ nullable: '3+', default: null }),
  reason: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
}

const MemberResponse = {
  memberId: string(),
  groupInstanceId: string({ nullable: '3+' }),
  errorCode: errorCode(),
}

export const LeaveGroupRequest = request(13, 'LeaveGroup', versions('0-5', { flexible: '4+' }), {
  groupId: groupId(),
  memberId: string({ versions: '0-2' }),
  members: array(MemberIdentity, { versions: '3+' }),
})
export interface LeaveGroupRequest extends TypeOf<typeof LeaveGroupRequest> {}

export const LeaveGroupResponse = response(13, 'LeaveGroup', versions('0-5', { flexible: '4+' }), {
  throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
  errorCode: errorCode(),
  members: array(MemberResponse, { versions: '3+' }),
})
export interface LeaveGroupResponse extends TypeOf<typeof LeaveGroupResponse> {}
