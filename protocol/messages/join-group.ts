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

/**
 * A member enters a rebalance; the answer waits until all have joined. From version 4 on a new
 * member is first told its id (MEMBER_ID_REQUIRED, KIP-394); 5 adds static membership (KIP-345).
 */
export const JoinGroupRequest = request(11, 'JoinGroup', versions('0-9', { flexible: '6+' }), {
  groupId: groupId(),
  sessionTimeoutMs: int32(),
  /** How long others wait for this member; version 0 uses the session timeout. */
  rebalanceTimeoutMs: int32({ versions: '1+', default: -1, ignorable: true }),
  /** Empty on the first attempt. */
  memberId: string(),
  /** Set by static members (KIP-345). */
  groupInstanceId: string({ versions: '5+', nullable: '5+', default: null }),
  /** "consumer" for consumers; all members must give the same. */
  protocolType: string(),
  /** The member's assignors, the best first, each with its subscription. */
  protocols: array({
    name: string(),
    metadata: bytes(),
  }),
  /** Why it joins, for the log (KIP-800). */
  reason: string({ versions: '8+', nullable: '8+', default: null, ignorable: true }),
})
export interface JoinGroupRequest extends TypeOf<typeof JoinGroupRequest> {}

/** The leader alone gets the members with their subscriptions, to make the assignment from. */
export const JoinGroupResponse = response(11, 'JoinGroup', versions('0-9', { flexible: '6+' }), {
  throttleTimeMs: throttleTimeMs({ versions: '2+', ignorable: true }),
  errorCode: errorCode(),
  generationId: int32({ default: -1 }),
  protocolType: string({ versions: '7+', nullable: '7+', default: null, ignorable: true }),
  /** The assignor chosen. May be null from version 7 on, with an error. */
  protocolName: string({ nullable: '7+' }),
  leader: string(),
  /** True tells a static leader that came back to keep the assignment (KIP-814). */
  skipAssignment: bool({ versions: '9+', default: false }),
  memberId: string(),
  members: array({
    memberId: string(),
    groupInstanceId: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
    metadata: bytes(),
  }),
})
export interface JoinGroupResponse extends TypeOf<typeof JoinGroupResponse> {}
