import type { ErrorName } from '../../../protocol/index.ts'
import type { Decision, DecisionContext } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { LeaveAnswer, LeavingMember } from '../port.ts'
import type { ClassicGroup, Member } from './group.ts'
import { checkMember, staticMemberId } from './group.ts'
import { GroupDraft } from './group-draft.ts'
import { rebalanceOrCompleteJoin } from './rebalance.ts'

/**
 * Decides a LeaveGroup of one or many members (KIP-345): each is answered for itself. An
 * administrator names a static member by its instance id alone.
 */
export function decideLeave(
  group: ClassicGroup | null,
  leaving: readonly LeavingMember[],
  context: DecisionContext,
): Decision<LeaveAnswer> {
  if (group === null) {
    const members = leaving.map((member) => ({ ...member, error: 'UNKNOWN_MEMBER_ID' as const }))
    return unchanged(null, { error: 'NONE', members })
  }
  const draft = new GroupDraft(group)
  const members = leaving.map((member) => ({ ...member, error: remove(draft, member) }))
  const answer: LeaveAnswer = { error: 'NONE', members }
  const someoneLeft = members.some(({ error }) => error === 'NONE')
  if (!someoneLeft || group.state === 'Empty') return draft.decide(answer)
  const left = members.find(({ error }) => error === 'NONE')
  const member = left && [...group.members.values()].find((one) => isOf(one, left))
  const cause = { reason: 'member-left', member, clientReason: left?.reason } as const
  return rebalanceOrCompleteJoin(draft, context, cause, answer)
}

function isOf(member: Member, { memberId, groupInstanceId }: LeavingMember): boolean {
  return memberId === '' ? member.groupInstanceId === groupInstanceId : member.memberId === memberId
}

function remove(draft: GroupDraft, { memberId, groupInstanceId }: LeavingMember): ErrorName {
  if (draft.group.pendingJoins.has(memberId)) {
    draft.removeMember(memberId)
    return 'NONE'
  }
  let leavingId: string | null = memberId
  if (memberId === '') {
    leavingId = groupInstanceId === null ? null : staticMemberId(draft.group, groupInstanceId)
    if (leavingId === null) return 'UNKNOWN_MEMBER_ID'
  } else {
    const standing = checkMember(draft.group, memberId, groupInstanceId)
    if (standing !== 'NONE') return standing
  }
  const member = draft.members.get(leavingId)
  if (!member) return 'UNKNOWN_MEMBER_ID'
  // A request of its own that still waits is told to start over, should anybody be there to hear it.
  draft.failJoin(member, 'UNKNOWN_MEMBER_ID', '')
  draft.completeSync(member, 'UNKNOWN_MEMBER_ID')
  draft.removeMember(leavingId)
  return 'NONE'
}
