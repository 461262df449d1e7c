import type { TypeOf } from '../schema/index.ts'
import {
  errorCode,
  groupId,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

/** Keeps a member of a classic group alive; the answer tells it when to join again. */
export const HeartbeatRequest = request(12, 'Heartbeat', versions('0-4', { flexible: '4+' }), {
  groupId: groupId(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string({ versions: '3+', nullable: '3+', default: null }),
})
export interface HeartbeatRequest extends TypeOf<typeof HeartbeatRequest> {}

export const HeartbeatResponse = response(12, 'Heartbeat', versions('0-4', { flexible: '4+' }), {
  throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
  errorCode: errorCode(),
})
export interface HeartbeatResponse extends TypeOf<typeof HeartbeatResponse> {}
