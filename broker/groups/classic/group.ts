import type { GroupState, MemberProtocol } from '../port.ts'

export interface Member {
  readonly memberId: string
  /** Set for a static member (KIP-345). */
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  /** In the member's order of preference. */
  readonly protocols: readonly MemberProtocol[]
  readonly assignment: Buffer
  /** True until its first JoinGroup is answered: it cannot heartbeat before that. */
  readonly isNew: boolean
  /** A JoinGroup, or a SyncGroup, of this member waits for its answer. */
  readonly awaitingJoin: boolean
  readonly awaitingSync: boolean
}

export type LiveState = Exclude<GroupState, 'Dead'>

/**
 * A group of the classic protocol: a value that decisions never change. What is in a GroupMetadata
 * record survives a restart; who waits, who is pending and who is new does not.
 */
export interface ClassicGroup {
  readonly groupId: string
  readonly state: LiveState
  readonly previousState: LiveState
  /** -1 when it never changed, or was loaded from a record too old to say. */
  readonly stateSinceMs: number
  readonly generationId: number
  /** Null in a "simple" group: one that only ever committed offsets. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string | null
  readonly members: ReadonlyMap<string, Member>
  /** Ids that were given out (KIP-394) and have not joined yet. */
  readonly pendingJoins: ReadonlySet<string>
  /** Members of this generation that have not sent SyncGroup yet. */
  readonly pendingSyncs: ReadonlySet<string>
  /** Somebody joined since the initial rebalance was last prolonged. */
  readonly newMemberAdded: boolean
  /** Topics that the members subscribe to; null when the coordinator cannot know. */
  readonly subscribedTopics: ReadonlySet<string> | null
}

export const EMPTY_ASSIGNMENT: Buffer = Buffer.alloc(0)

/** The protocol type whose subscriptions the coordinator understands. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer'

/** A group that nobody has joined, as a first JoinGroup or a simple consumer's commit makes it. */
export function emptyGroup(groupId: string): ClassicGroup {
  return {
    groupId,
    state: 'Empty',
    previousState: 'Empty',
    stateSinceMs: -1,
    generationId: 0,
    protocolType: null,
    protocolName: null,
    leader: null,
    members: new Map(),
    pendingJoins: new Set(),
    pendingSyncs: new Set(),
    newMemberAdded: false,
    subscribedTopics: null,
  }
}

/** The group waits as long as its most patient member. */
export function rebalanceTimeoutMs(members: Iterable<Member>): number {
  let longestMs = 0
  for (const member of members) longestMs = Math.max(longestMs, member.rebalanceTimeoutMs)
  return longestMs
}

export function staticMemberId(
  group: Pick<ClassicGroup, 'members'>,
  groupInstanceId: string,
): string | null {
  for (const member of group.members.values()) {
    if (member.groupInstanceId === groupInstanceId) return member.memberId
  }
  return null
}

/** Whether a request with these ids comes from the member it names (KIP-345 fencing). */
export function checkMember(
  group: Pick<ClassicGroup, 'members'>,
  memberId: string,
  groupInstanceId: string | null,
): 'NONE' | 'UNKNOWN_MEMBER_ID' | 'FENCED_INSTANCE_ID' {
  if (groupInstanceId !== null) {
    const current = staticMemberId(group, groupInstanceId)
    if (current === null) return 'UNKNOWN_MEMBER_ID'
    if (current !== memberId) return 'FENCED_INSTANCE_ID'
  }
  return group.members.has(memberId) ? 'NONE' : 'UNKNOWN_MEMBER_ID'
}

/**
 * Whether an offset of the topic is in use. A consumer group whose subscriptions cannot be read is
 * taken to use every topic, so that nothing in use is ever dropped.
 */
export function isSubscribedTo(group: ClassicGroup, topic: string): boolean {
  if (group.subscribedTopics !== null) return group.subscribedTopics.has(topic)
  return group.protocolType === CONSUMER_PROTOCOL_TYPE
}
