import type { BucketCounts, Uuid } from '../../kit/index.ts'
import type { ErrorName } from '../../protocol/index.ts'
import type { GroupChanges } from '../control/index.ts'

/** States of the classic protocol, spelled as DescribeGroups shows them. */
export type GroupState =
  | 'Empty'
  | 'PreparingRebalance'
  | 'CompletingRebalance'
  | 'Stable'
  /** Shown for a group that does not exist. */
  | 'Dead'

/** An embedded protocol that a member offers: an assignor's name and what it needs to know of the member. */
export interface MemberProtocol {
  readonly name: string
  readonly metadata: Buffer
}

export interface JoinRequest {
  readonly groupId: string
  /** Empty when the member has none yet. */
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  /** The peer's address. */
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  /** In the member's order of preference. */
  readonly protocols: readonly MemberProtocol[]
  /** KIP-394 (JoinGroup v4): the member can come back with the id it is given. */
  readonly requiresKnownMemberId: boolean
  /** Why it joins, as the client says (KIP-800). */
  readonly reason?: string
  /** KIP-814 (JoinGroup v9): the member knows that a leader may be told not to assign. */
  readonly supportsSkippingAssignment: boolean
}

export interface JoinAnswer {
  readonly error: ErrorName
  /** -1 with an error. */
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string
  readonly skipAssignment: boolean
  readonly memberId: string
  /** All members with their metadata, for the leader; else empty. */
  readonly members: readonly {
    readonly memberId: string
    readonly groupInstanceId: string | null
    readonly metadata: Buffer
  }[]
}

export interface SyncRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** KIP-559 (SyncGroup v5); null is not checked. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[]
}

export interface SyncAnswer {
  readonly error: ErrorName
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignment: Buffer
}

export interface HeartbeatRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export interface LeavingMember {
  /** Empty when an administrator removes a static member by its instance id. */
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** Why it leaves, as the client says (KIP-800). */
  readonly reason?: string
}

export interface LeaveAnswer {
  readonly error: ErrorName
  readonly members: readonly (LeavingMember & { readonly error: ErrorName })[]
}

export interface CommittedOffset {
  readonly offset: number
  /** -1 when the member did not say. */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly committedAtMs: number
  /** Set by a client that chose its own retention (OffsetCommit v2 to v4); -1 otherwise. */
  readonly expiresAtMs: number
  /** The topic that carried the name at the time of the commit; the zero id when unknown. */
  readonly topicId: Uuid
}

export interface CommitRequest {
  readonly groupId: string
  /** -1 for a consumer that does not use group membership. */
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** -1 takes the broker's retention. */
  readonly retentionMs: number
  /** What to answer for a generation of a group that does not exist: it depends on the version. */
  readonly unknownGroupError: 'ILLEGAL_GENERATION' | 'GROUP_ID_NOT_FOUND'
  /** Only partitions that exist. */
  readonly topics: readonly {
    readonly name: string
    readonly id: Uuid
    readonly partitions: readonly {
      readonly index: number
      readonly offset: number
      readonly leaderEpoch: number
      readonly metadata: string | null
      /** A time that the client gives (OffsetCommit v1); -1 takes the broker's. */
      readonly committedAtMs: number
    }[]
  }[]
}

/** `partitions[i][j]` answers partition j of topic i of the request. */
export interface CommitAnswer {
  readonly partitions: readonly (readonly ErrorName[])[]
}

export interface FetchOffsetsAnswer {
  readonly error: ErrorName
  /** Topic by topic, partition by partition; a partition without an offset is left out. */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>
}

export interface MemberView {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** What the member said of itself for the protocol in use; empty outside Stable. */
  readonly metadata: Buffer
  /** What the leader gave it; empty outside Stable. */
  readonly assignment: Buffer
}

/** A group as it is now. Members and offsets are read from the live state: do not keep it across awaits. */
export interface GroupView {
  readonly groupId: string
  /** "classic": the other kinds of groups are not served yet. */
  readonly type: 'classic'
  readonly state: GroupState
  readonly stateSinceMs: number
  /** Empty for a group that only commits offsets. */
  readonly protocolType: string
  /** The assignor in use, in state Stable; else empty. */
  readonly protocolName: string
  readonly generationId: number
  readonly leader: string | null
  readonly memberCount: number
  /** Described anew each time it is asked for. */
  readonly members: readonly MemberView[]
  /** Durable offsets by topic and partition. */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>
  readonly activity: GroupActivityView
}

/** What a group did since the start, for telemetry. Numbers that only grow. */
export interface GroupActivityView {
  readonly rebalances: number
  /** Offsets committed by its consumers, one for each partition. */
  readonly offsetCommits: number
  /** Wall-clock time of the newest of them; 0 while there is none. */
  readonly lastCommitMs: number
  /** Milliseconds from the append of the last record that a commit covers to the commit. */
  readonly tail: BucketCounts | undefined
}

export interface GroupListing {
  /** COORDINATOR_LOAD_IN_PROGRESS while some groups are not known yet. */
  readonly error: ErrorName
  readonly groups: readonly GroupView[]
}

/** Numbers since start that only grow, for telemetry. */
export interface GroupCounters {
  readonly joins: number
  readonly syncs: number
  readonly heartbeats: number
  readonly leaves: number
  /** Rebalances begun, and those that reached Stable. */
  readonly rebalances: number
  readonly completedRebalances: number
  /** Members removed because their session or a rebalance timed out. */
  readonly expiredMembers: number
  /** Offsets (one per partition) committed, expired, and removed on request or with their topic. */
  readonly offsetCommits: number
  readonly offsetExpirations: number
  readonly offsetDeletions: number
  readonly deletedGroups: number
  /** Appends to `__consumer_offsets`, the records in them, and appends that failed. */
  readonly appends: number
  readonly appendedRecords: number
  readonly failedAppends: number
  readonly shardLoads: number
}

/**
 * The group coordinator: classic rebalance protocol and committed offsets, kept in
 * `__consumer_offsets` in Kafka's own record format. Nothing here rejects for a reason of the
 * domain; every answer carries the name of a Kafka error. A wait inside `join` and `sync` lasts as
 * long as the rebalance.
 */
export interface GroupCoordinator extends GroupChanges {
  /**
   * Loads the shards of `__consumer_offsets` when it exists. Resolves when all are loaded; until
   * then requests are answered COORDINATOR_LOAD_IN_PROGRESS.
   */
  start(): Promise<void>
  /** Answers everybody who waits with NOT_COORDINATOR, and ends all timers. */
  stop(): Promise<void>

  /** NONE when this broker coordinates the group. Creates `__consumer_offsets` on first use. */
  findCoordinator(groupId: string): Promise<ErrorName>
  join(request: JoinRequest): Promise<JoinAnswer>
  sync(request: SyncRequest): Promise<SyncAnswer>
  heartbeat(request: HeartbeatRequest): Promise<ErrorName>
  leave(groupId: string, members: readonly LeavingMember[]): Promise<LeaveAnswer>

  commitOffsets(request: CommitRequest): Promise<CommitAnswer>
  /** `requireStable` waits for commits that are under way (KIP-447). */
  fetchOffsets(groupId: string, requireStable: boolean): Promise<FetchOffsetsAnswer>

  list(): GroupListing
  /** The group; an error name when it cannot be known; null when there is none. */
  describe(groupId: string): Promise<GroupView | ErrorName | null>
  readonly counters: GroupCounters
}
