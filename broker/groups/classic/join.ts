import type { ErrorName } from '../../../protocol/index.ts'
import type { Decision, DecisionContext, Effect } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { JoinAnswer, JoinRequest } from '../port.ts'
import { groupMetadataRecord } from '../records/group-metadata.ts'
import { answerJoin, joinError } from './answers.ts'
import type { ClassicGroup, Member } from './group.ts'
import { checkMember, EMPTY_ASSIGNMENT, emptyGroup, staticMemberId } from './group.ts'
import { GroupDraft } from './group-draft.ts'
import { sameProtocols, selectProtocol, supportsProtocols } from './protocols.ts'
import { maybeCompleteJoin, prepareRebalance, rebalanceOrCompleteJoin } from './rebalance.ts'
import { subscribedTopics } from './subscribed-topics.ts'

export interface JoinContext extends DecisionContext {
  /** The id that a member without one gets. */
  readonly newMemberId: string
}

type JoinDecision = Decision<JoinAnswer>

/** Decides a JoinGroup: `null` is a group that does not exist, which a new member creates. */
export function decideJoin(
  existing: ClassicGroup | null,
  request: JoinRequest,
  context: JoinContext,
): JoinDecision {
  const { memberId } = request
  if (existing === null && memberId !== '') return refuse(null, 'UNKNOWN_MEMBER_ID', memberId)
  const group = existing ?? emptyGroup(request.groupId)
  if (!hasRoomFor(group, memberId, context.config.maxSize)) {
    return turnAway(group, request, context)
  }
  if (!supportsProtocols(group, request.protocolType, request.protocols)) {
    return refuse(existing, 'INCONSISTENT_GROUP_PROTOCOL', memberId)
  }
  if (memberId !== '') return joinAgain(group, request, context)

  if (request.groupInstanceId === null && request.requiresKnownMemberId) {
    return handOutMemberId(group, request, context)
  }
  const oldMemberId =
    request.groupInstanceId === null ? null : staticMemberId(group, request.groupInstanceId)
  if (oldMemberId !== null) return replaceStaticMember(group, oldMemberId, request, context)
  return addMember(group, context.newMemberId, request, context)
}

/**
 * While members are joining, those who already wait have a place and others get one as long as
 * there is room: a limit that was lowered so removes whoever comes last.
 */
function hasRoomFor(group: ClassicGroup, memberId: string, maxSize: number): boolean {
  switch (group.state) {
    case 'Empty':
      return true
    case 'PreparingRebalance': {
      if (group.members.get(memberId)?.awaitingJoin) return true
      let awaiting = 0
      for (const member of group.members.values()) if (member.awaitingJoin) awaiting++
      return awaiting < maxSize
    }
    case 'CompletingRebalance':
    case 'Stable':
      return group.members.has(memberId) || group.members.size < maxSize
  }
}

function turnAway(
  group: ClassicGroup,
  request: JoinRequest,
  context: DecisionContext,
): JoinDecision {
  const { memberId } = request
  const draft = new GroupDraft(group)
  if (memberId !== '') draft.removeMember(memberId)
  draft.do(groupFull(request))
  return maybeCompleteJoin(draft, context, joinError('GROUP_MAX_SIZE_REACHED', ''))
}

/** Operators are told that a member found no room. */
export function groupFull({ groupId, clientId, clientHost }: JoinRequest): Effect {
  return { kind: 'report', event: { kind: 'group-full', group: groupId, clientId, clientHost } }
}

/** KIP-394: the member gets an id and must come back with it, so that a retry is not a second member. */
function handOutMemberId(
  group: ClassicGroup,
  request: JoinRequest,
  context: JoinContext,
): JoinDecision {
  if (group.pendingJoins.size >= context.config.maxPendingMembers) {
    return unchanged(group, joinError('GROUP_MAX_SIZE_REACHED', ''), [groupFull(request)])
  }
  const memberId = context.newMemberId
  const draft = new GroupDraft(group)
  draft.addPendingJoin(memberId)
  draft.do({ kind: 'begin-session', memberId, timeoutMs: request.sessionTimeoutMs })
  return draft.decide(joinError('MEMBER_ID_REQUIRED', memberId))
}

function addMember(
  group: ClassicGroup,
  memberId: string,
  request: JoinRequest,
  context: DecisionContext,
): JoinDecision {
  const draft = new GroupDraft(group)
  if (group.state === 'PreparingRebalance' && group.previousState === 'Empty') {
    draft.set({ newMemberAdded: true })
  }
  const member: Member = {
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: request.clientId,
    clientHost: request.clientHost,
    ...offer(request),
    assignment: EMPTY_ASSIGNMENT,
    isNew: true,
    awaitingJoin: true,
    awaitingSync: false,
  }
  draft.addMember(member, request.protocolType)
  draft.do({ kind: 'park-join', memberId })
  // It cannot heartbeat before it is answered, and a lost connection does not show here: bound the
  // wait, so that retries of a client that is gone do not keep the group from settling.
  draft.beginSession(member, context.config.newMemberJoinTimeoutMs)
  const cause = { reason: 'member-joined', member, clientReason: request.reason } as const
  return rebalanceOrCompleteJoin(draft, context, cause)
}

function joinAgain(
  group: ClassicGroup,
  request: JoinRequest,
  context: DecisionContext,
): JoinDecision {
  const { memberId, groupInstanceId } = request
  if (group.pendingJoins.has(memberId)) {
    // Ids are only handed out to dynamic members.
    if (groupInstanceId !== null) return refuse(group, 'UNKNOWN_MEMBER_ID', memberId)
    return addMember(group, memberId, request, context)
  }
  const standing = checkMember(group, memberId, groupInstanceId)
  if (standing !== 'NONE') return refuse(group, standing, memberId)
  const member = group.members.get(memberId)
  // An empty group has no members, so the check above has refused: this is for the compiler.
  if (!member || group.state === 'Empty') return refuse(group, 'UNKNOWN_MEMBER_ID', memberId)

  const saysNothingNew = sameProtocols(member.protocols, request.protocols)
  if (group.state === 'CompletingRebalance' && saysNothingNew) {
    // It may have missed the answer to its first JoinGroup: repeat it.
    return unchanged(group, answerJoin(group, memberId))
  }
  if (group.state === 'Stable' && saysNothingNew && group.leader !== memberId) {
    // A leader who joins again asks for a rebalance (its topics changed); a follower who does
    // only needs to know the current generation.
    return unchanged(group, answerJoin(group, memberId))
  }
  const draft = new GroupDraft(group)
  updateMember(draft, memberId, request)
  const reason = saysNothingNew ? 'leader-rejoined' : 'subscription-changed'
  const cause = { reason, member, clientReason: request.reason } as const
  return rebalanceOrCompleteJoin(draft, context, cause)
}

/**
 * A static member is back under a new id, because its process restarted. Whoever used the old id
 * is fenced. When the group is stable and would choose the same protocol, the member takes its old
 * assignment and nobody else notices; otherwise the group rebalances.
 */
function replaceStaticMember(
  group: ClassicGroup,
  oldMemberId: string,
  request: JoinRequest,
  context: JoinContext,
): JoinDecision {
  const { newMemberId } = context
  const old = group.members.get(oldMemberId)
  if (!old) throw new Error(`static member ${oldMemberId} is not in group ${group.groupId}`)
  const draft = new GroupDraft(group)
  draft.failJoin(old, 'FENCED_INSTANCE_ID')
  draft.completeSync(old, 'FENCED_INSTANCE_ID')
  draft.renameMember(oldMemberId, newMemberId)
  const member = draft.updateMember(newMemberId, offer(request))
  draft.beginSession(member)
  if (group.state === 'Stable' && selectProtocol(draft.members) === group.protocolName) {
    return keepAssignment(draft, group, newMemberId, request)
  }
  draft.updateMember(newMemberId, { awaitingJoin: true })
  draft.do({ kind: 'park-join', memberId: newMemberId })
  // In CompletingRebalance too: the leader may already be assigning to the old id.
  return group.state === 'PreparingRebalance'
    ? maybeCompleteJoin(draft, context)
    : prepareRebalance(draft, context, { reason: 'static-member-replaced', member })
}

function keepAssignment(
  draft: GroupDraft,
  before: ClassicGroup,
  memberId: string,
  request: JoinRequest,
): JoinDecision {
  // What the member says of itself may have changed, and a restart would read it in the record.
  draft.set({ subscribedTopics: subscribedTopics(draft.group) })
  const answer = answerJoin(draft.group, memberId)
  const record = groupMetadataRecord(draft.group)
  if (request.supportsSkippingAssignment) {
    // KIP-814: a leader learns that it leads, and that it must not assign again.
    return draft.decide({ ...answer, skipAssignment: draft.group.leader === memberId }, [record])
  }
  // An older client would assign if it knew that it leads; told of its old id as the leader, it follows.
  return draft.decide({ ...answer, leader: before.leader ?? '', members: [] }, [record])
}

function updateMember(draft: GroupDraft, memberId: string, request: JoinRequest): void {
  draft.updateMember(memberId, { ...offer(request), awaitingJoin: true })
  draft.do({ kind: 'park-join', memberId })
}

function offer(
  request: JoinRequest,
): Pick<Member, 'protocols' | 'sessionTimeoutMs' | 'rebalanceTimeoutMs'> {
  const { protocols, sessionTimeoutMs, rebalanceTimeoutMs } = request
  return { protocols, sessionTimeoutMs, rebalanceTimeoutMs }
}

function refuse(group: ClassicGroup | null, error: ErrorName, memberId: string): JoinDecision {
  return unchanged(group, joinError(error, memberId))
}
