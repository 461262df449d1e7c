import type { ErrorName } from '../../../protocol/index.ts'
import type { Decision } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { HeartbeatRequest } from '../port.ts'
import type { ClassicGroup } from './group.ts'
import { checkMember } from './group.ts'

/** Decides a Heartbeat: it prolongs the member's session and tells it when to join again. */
export function decideHeartbeat(
  group: ClassicGroup | null,
  request: HeartbeatRequest,
): Decision<ErrorName> {
  const { memberId, groupInstanceId } = request
  if (group === null) return unchanged(null, 'UNKNOWN_MEMBER_ID')
  const standing = checkMember(group, memberId, groupInstanceId)
  if (standing !== 'NONE') return unchanged(group, standing)
  if (request.generationId !== group.generationId) return unchanged(group, 'ILLEGAL_GENERATION')

  const timeoutMs = group.members.get(memberId)?.sessionTimeoutMs ?? 0
  const answer = group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE'
  return unchanged(group, answer, [{ kind: 'begin-session', memberId, timeoutMs }])
}
