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

export const JoinGroupRequest = request(11, 'JoinGroup', versions('0-9', { flexible: '6+' }), {
  groupId: groupId(),
  sessionTimeoutMs: int32(),
  rebalanceTimeoutMs: int32({ versions: '1+', default: -1, ignorable: true }),
  memberId: string(),
  groupInstanceId: string({ versions: '5+', nullable: '5+', default: null }),
  protocolType: string(),
  protocols: array({
    name: string(),
    metadata: bytes(),
  }),
  reason: string({ versions: '8+', nullable: '8+', default: null, ignorable: true }),
})
export interface JoinGroupRequest extends TypeOf<typeof JoinGroupRequest> {}

export const JoinGroupResponse = response(11, 'JoinGroup', versions('0-9', { flexible: '6+' }), {
  throttleTimeMs: throttleTimeMs({ versions: '2+', ignorable: true }),
  errorCode: errorCode(),
  generationId: int32({ default: -1 }),
  protocolType: string({ versions: '7+', nullable: '7+', default: null, ignorable: true }),
  protocolName: string({ nullable: '7+' }),
  leader: string(),
  skipAssignment: bool({ versions: '9+', default: false }),
  memberId: string(),
  members: array({
    memberId: string(),
    groupInstanceId: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
    metadata: bytes(),
  }),
})
export interface JoinGroupResponse extends TypeOf<typeof JoinGroupResponse> {}
