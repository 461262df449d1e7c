import type { BrokerEvent, RebalanceReason } from '../../events/index.ts'
import type { Decision, DecisionContext } from '../decision.ts'
import { groupMetadataRecord } from '../records/group-metadata.ts'
import type { Member } from './group.ts'
import { EMPTY_ASSIGNMENT } from './group.ts'
import type { GroupDraft } from './group-draft.ts'
import { selectProtocol } from './protocols.ts'
import { subscribedTopics } from './subscribed-topics.ts'

/** Why a group rebalances: what operators are told. */
export interface RebalanceCause {
  readonly reason: RebalanceReason
  /** Whose doing it is, where it is that of one member. */
  readonly member?: Pick<Member, 'memberId' | 'clientId' | 'clientHost'> | undefined
  /** What the client says. */
  readonly clientReason?: string | undefined
}

/** Starts a rebalance where the state allows one; in a running join phase, sees whether it is over. */
export function rebalanceOrCompleteJoin<Answer>(
  draft: GroupDraft,
  context: DecisionContext,
  cause: RebalanceCause,
  answer?: Answer,
): Decision<Answer> {
  return draft.state === 'PreparingRebalance'
    ? maybeCompleteJoin(draft, context, answer)
    : prepareRebalance(draft, context, cause, answer)
}

/**
 * Asks all members to join again. A group that was empty waits a while for more members to arrive
 * (KIP-134); any other waits for the members it has, as long as the most patient of them allows.
 */
export function prepareRebalance<Answer>(
  draft: GroupDraft,
  context: DecisionContext,
  cause: RebalanceCause,
  answer?: Answer,
): Decision<Answer> {
  if (draft.state === 'CompletingRebalance') {
    for (const member of draft.members.values()) {
      draft.completeSync(
        draft.updateMember(member.memberId, { assignment: EMPTY_ASSIGNMENT }),
        'REBALANCE_IN_PROGRESS',
      )
    }
  }
  draft.set({ pendingSyncs: new Set() })
  draft.do({ kind: 'cancel-sync' })
  draft.count('rebalances')
  draft.do({ kind: 'report', event: rebalanceEvent(draft, cause) })
  const wasEmpty = draft.state === 'Empty'
  draft.transitionTo('PreparingRebalance', context.nowMs)
  if (!wasEmpty) return completeJoinOrWait(draft, context, answer)

  const delayMs = context.config.initialRebalanceDelayMs
  const remainingMs = Math.max(draft.rebalanceTimeoutMs - delayMs, 0)
  draft.do({ kind: 'arm-join', delayMs, deadline: { kind: 'initial', delayMs, remainingMs } })
  return draft.decide(answer)
}

function rebalanceEvent(
  { group, members }: GroupDraft,
  { reason, member, clientReason = '' }: RebalanceCause,
): BrokerEvent {
  const { memberId = '', clientId = '', clientHost = '' } = member ?? {}
  const who = { group: group.groupId, memberId, clientId, clientHost }
  return { kind: 'group-rebalance', ...who, reason, clientReason, members: members.size }
}

/** Ends the join phase when everybody is there, unless it is the initial one, which takes its time. */
export function maybeCompleteJoin<Answer>(
  draft: GroupDraft,
  context: DecisionContext,
  answer?: Answer,
): Decision<Answer> {
  const { state, previousState } = draft.group
  if (state !== 'PreparingRebalance' || previousState === 'Empty' || !draft.allMembersJoined) {
    return draft.decide(answer)
  }
  return completeJoin(draft, context, answer)
}

function completeJoinOrWait<Answer>(
  draft: GroupDraft,
  context: DecisionContext,
  answer?: Answer,
): Decision<Answer> {
  if (draft.allMembersJoined) return completeJoin(draft, context, answer)
  draft.do({ kind: 'arm-join', delayMs: draft.rebalanceTimeoutMs, deadline: { kind: 'complete' } })
  return draft.decide(answer)
}

/**
 * Ends the join phase with whoever has joined: dynamic members that have not are removed, static
 * ones keep their place until their session ends. Without members the group becomes empty, and
 * that is recorded; else the next generation is announced, and recorded when its leader has
 * assigned the partitions.
 */
export function completeJoin<Answer>(
  draft: GroupDraft,
  context: DecisionContext,
  answer?: Answer,
): Decision<Answer> {
  draft.do({ kind: 'cancel-join' })
  for (const member of draft.members.values()) {
    if (member.awaitingJoin || member.groupInstanceId !== null) continue
    draft.reportTimeout(member.memberId, 'join')
    draft.removeMember(member.memberId)
    draft.count('expiredMembers')
  }
  if (!electJoinedLeader(draft) && draft.members.size > 0) {
    // Only static members are left, and none has joined: wait on, until they do or their sessions end.
    draft.do({
      kind: 'arm-join',
      delayMs: draft.rebalanceTimeoutMs,
      deadline: { kind: 'complete' },
    })
    return draft.decide(answer)
  }
  const generationId = nextGeneration(draft.group.generationId)
  draft.set({ generationId, pendingSyncs: new Set(), newMemberAdded: false })
  return draft.members.size === 0
    ? becomeEmpty(draft, context, answer)
    : announceGeneration(draft, context, answer)
}

function becomeEmpty<Answer>(
  draft: GroupDraft,
  context: DecisionContext,
  answer?: Answer,
): Decision<Answer> {
  draft.set({ protocolName: null, leader: null })
  draft.set({ subscribedTopics: subscribedTopics(draft.group) })
  draft.transitionTo('Empty', context.nowMs)
  return {
    ...draft.decide(answer, [groupMetadataRecord(draft.group)]),
    // After a restart the last generation would be active again, and its members would time out:
    // harmless, so an empty group need not wait for the disk to recover.
    onFailure: () => draft.decide(answer),
  }
}

function announceGeneration<Answer>(
  draft: GroupDraft,
  context: DecisionContext,
  answer?: Answer,
): Decision<Answer> {
  draft.set({ protocolName: selectProtocol(draft.members) })
  draft.set({
    subscribedTopics: subscribedTopics(draft.group),
    pendingSyncs: new Set(draft.members.keys()),
  })
  draft.transitionTo('CompletingRebalance', context.nowMs)
  for (const member of draft.members.values()) {
    draft.completeJoin(member)
    draft.updateMember(member.memberId, { isNew: false })
    draft.beginSession(member)
  }
  draft.do({
    kind: 'arm-sync',
    delayMs: draft.rebalanceTimeoutMs,
    generationId: draft.group.generationId,
  })
  return draft.decide(answer)
}

/** Makes sure that the leader is one who has joined; false when nobody has. */
function electJoinedLeader(draft: GroupDraft): boolean {
  const { leader } = draft.group
  if (leader === null) return false
  if (draft.members.get(leader)?.awaitingJoin) return true
  for (const member of draft.members.values()) {
    if (!member.awaitingJoin) continue
    draft.set({ leader: member.memberId })
    return true
  }
  return false
}

/** Generations are positive int32; after the last one they begin again. */
function nextGeneration(generationId: number): number {
  return generationId >= 0x7fff_ffff ? 1 : generationId + 1
}
