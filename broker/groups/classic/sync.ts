import type { ErrorName } from '../../../protocol/index.ts'
import type { Decision, DecisionContext } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { SyncAnswer, SyncRequest } from '../port.ts'
import { groupMetadataRecord } from '../records/group-metadata.ts'
import { answerSync, syncError } from './answers.ts'
import type { ClassicGroup } from './group.ts'
import { checkMember, EMPTY_ASSIGNMENT } from './group.ts'
import { GroupDraft } from './group-draft.ts'
import { prepareRebalance } from './rebalance.ts'

/**
 * Decides a SyncGroup. Followers wait for their leader; the leader brings the assignments, and
 * when they are recorded everybody is answered. Later ones get what was recorded.
 */
export function decideSync(
  group: ClassicGroup | null,
  request: SyncRequest,
  context: DecisionContext,
): Decision<SyncAnswer> {
  if (group === null || group.state === 'Empty') {
    return unchanged(group, syncError('UNKNOWN_MEMBER_ID'))
  }
  const error = checkSync(group, request)
  if (error !== 'NONE') return unchanged(group, syncError(error))

  const { memberId } = request
  const draft = new GroupDraft(group)
  draft.removePendingSync(memberId)
  if (group.state === 'Stable') {
    const assignment = group.members.get(memberId)?.assignment ?? EMPTY_ASSIGNMENT
    return draft.decide(answerSync(group, assignment))
  }
  draft.updateMember(memberId, { awaitingSync: true })
  draft.do({ kind: 'park-sync', memberId })
  if (group.leader !== memberId) return draft.decide<SyncAnswer>(undefined)
  return storeAssignments(draft, request, context)
}

function checkSync(group: ClassicGroup, request: SyncRequest): ErrorName {
  const standing = checkMember(group, request.memberId, request.groupInstanceId)
  if (standing !== 'NONE') return standing
  if (request.generationId !== group.generationId) return 'ILLEGAL_GENERATION'
  const { protocolType, protocolName } = request
  const consistent =
    (protocolType === null || protocolType === group.protocolType) &&
    // A rebalance may have unset the name of a protocol; nothing to compare with then.
    (protocolName === null || group.protocolName === null || protocolName === group.protocolName)
  if (!consistent) return 'INCONSISTENT_GROUP_PROTOCOL'
  return group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE'
}

function storeAssignments(
  draft: GroupDraft,
  request: SyncRequest,
  context: DecisionContext,
): Decision<SyncAnswer> {
  const waiting = draft.group
  const assignments = new Map(
    request.assignments.map(({ memberId, assignment }) => [memberId, assignment]),
  )
  const stable = new GroupDraft(waiting)
  for (const effect of draft.effects) stable.do(effect)
  for (const { memberId } of waiting.members.values()) {
    stable.updateMember(memberId, {
      assignment: assignments.get(memberId) ?? EMPTY_ASSIGNMENT,
    })
  }
  for (const member of stable.members.values()) stable.completeSync(member)
  stable.transitionTo('Stable', context.nowMs)
  stable.count('completedRebalances')
  return {
    ...stable.decide<SyncAnswer>(undefined, [groupMetadataRecord(stable.group)]),
    onFailure: (error) => restart(draft, error, context),
  }
}

/** The assignments could not be recorded: everybody who waits learns why and joins again. */
function restart(
  draft: GroupDraft,
  error: ErrorName,
  context: DecisionContext,
): Decision<SyncAnswer> {
  for (const member of draft.members.values()) draft.completeSync(member, error)
  return prepareRebalance(draft, context, { reason: 'assignment-not-recorded' })
}
