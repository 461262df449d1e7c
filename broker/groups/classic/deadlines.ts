import type { Decision, DecisionContext, JoinDeadline } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { ClassicGroup } from './group.ts'
import { GroupDraft } from './group-draft.ts'
import { completeJoin, prepareRebalance, rebalanceOrCompleteJoin } from './rebalance.ts'

/** Nobody is answered by a deadline; those who wait are answered through effects. */
type DeadlineDecision = Decision<undefined>

const nothing = (group: ClassicGroup | null): DeadlineDecision => unchanged(group, undefined)

/** A member, or an id that was given out, showed no life for as long as its session allows. */
export function decideSessionExpiry(
  group: ClassicGroup | null,
  memberId: string,
  context: DecisionContext,
): DeadlineDecision {
  if (group === null) return nothing(group)
  const draft = new GroupDraft(group)
  if (group.pendingJoins.has(memberId)) {
    draft.reportTimeout(memberId, 'session')
    draft.removeMember(memberId)
    draft.count('expiredMembers')
    return joiningIsOver(draft) ? completeJoin(draft, context) : draft.decide(undefined)
  }
  const member = group.members.get(memberId)
  if (!member) return nothing(group)
  // A member that waits for the group cannot heartbeat meanwhile, and is alive as far as anybody
  // knows. New ones are the exception: their wait is bounded.
  if (!member.isNew && (member.awaitingJoin || member.awaitingSync)) return nothing(group)

  draft.failJoin(member, 'UNKNOWN_MEMBER_ID', '')
  draft.reportTimeout(memberId, 'session')
  draft.removeMember(memberId)
  draft.count('expiredMembers')
  if (group.state === 'Stable' || group.state === 'CompletingRebalance') {
    return rebalanceOrCompleteJoin(draft, context, { reason: 'member-timed-out', member })
  }
  return joiningIsOver(draft) ? completeJoin(draft, context) : draft.decide(undefined)
}

/** The join phase has lasted as long as it was given. */
export function decideJoinDeadline(
  group: ClassicGroup | null,
  deadline: JoinDeadline,
  context: DecisionContext,
): DeadlineDecision {
  if (group?.state !== 'PreparingRebalance') return nothing(group)
  const draft = new GroupDraft(group)
  if (deadline.kind === 'complete' || !group.newMemberAdded || deadline.remainingMs === 0) {
    return completeJoin(draft, context)
  }
  // Somebody arrived during the delay, so more may follow: wait again, within what is left.
  draft.set({ newMemberAdded: false })
  const delayMs = Math.min(context.config.initialRebalanceDelayMs, deadline.remainingMs)
  const remainingMs = Math.max(deadline.remainingMs - deadline.delayMs, 0)
  draft.do({ kind: 'arm-join', delayMs, deadline: { kind: 'initial', delayMs, remainingMs } })
  return draft.decide(undefined)
}

/** Members that joined the generation but never sent SyncGroup are removed (KAFKA-9935). */
export function decideSyncDeadline(
  group: ClassicGroup | null,
  generationId: number,
  context: DecisionContext,
): DeadlineDecision {
  if (group === null || group.generationId !== generationId) return nothing(group)
  if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return nothing(group)
  if (group.pendingSyncs.size === 0) return nothing(group)
  const draft = new GroupDraft(group)
  for (const memberId of group.pendingSyncs) {
    draft.reportTimeout(memberId, 'sync')
    draft.removeMember(memberId)
    draft.count('expiredMembers')
  }
  return prepareRebalance(draft, context, { reason: 'members-did-not-sync' })
}

/** A loaded group expects its members to show life, and shrinks when the limit is lower than it was. */
export function decideLoaded(group: ClassicGroup, context: DecisionContext): DeadlineDecision {
  const draft = new GroupDraft(group)
  for (const member of group.members.values()) draft.beginSession(member)
  return group.members.size > context.config.maxSize
    ? prepareRebalance(draft, context, { reason: 'size-limit-lowered' })
    : draft.decide(undefined)
}

function joiningIsOver(draft: GroupDraft): boolean {
  return draft.state === 'PreparingRebalance' && draft.allMembersJoined
}
