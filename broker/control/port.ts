import type { FollowedHistory, HistoryState, JsonObject } from '../../audit/index.ts'
import type { Uuid } from '../../kit/index.ts'
import type { ErrorName } from '../../protocol/index.ts'
import type { AclBinding } from './access.ts'
import type { Actor } from './actor.ts'
import type { BrokerConfig } from './broker-config.ts'
import type { BackupPhase, Command } from './commands.ts'
import type { DiskPolicy } from './disk-policy.ts'
import type { ContactPoint } from './documents/contact-point.ts'
import type { RuleGroup } from './documents/rule-group.ts'
import type { EffectiveTopicConfig } from './effective-topic-config.ts'
import type { GroupChanges } from './group-changes.ts'
import type { Account, ApiToken, DelegationToken, Role, User } from './identities.ts'
import type { ListenerChanges, ListenerOverrides, ListenerSettings } from './listeners.ts'
import type { Observation } from './observations/observation.ts'
import type { ClientQuota, TopicQuota } from './quotas.ts'
import type { RecordNote } from './record-note.ts'
import type { ReportedKind } from './reported-operations.ts'
import type { RewindAnswer, RewindRequest } from './rewind/rewind-request.ts'

/** A topic as the history says it is. */
export interface Topic {
  readonly id: Uuid
  readonly name: string
  readonly partitionCount: number
  /** Only what was set on the topic; effective values come from the config table. */
  readonly configs: Readonly<Record<string, string>>
  /** Belongs to the broker: clients may read it but not produce to it, shrink or delete it. */
  readonly internal: boolean
  readonly createdAtMs: number
  /** Absent when the topic has no throttle. */
  readonly quota?: TopicQuota
}

/** A topic that clients do not see any more, and that can be restored until it is purged. */
export interface DeletedTopic extends Topic {
  readonly deletedAtMs: number
  /** When its space is given back. */
  readonly purgeAtMs: number
  /** Its logs are being removed, and it cannot be restored any more. */
  readonly isPurging: boolean
}

/** Records that somebody asked to delete, and of which the history does not yet say what came of it. */
export interface OpenPurge {
  /** Sequence number of the record of the intent. */
  readonly intent: number
  /** `topic-partition`, for records. */
  readonly name: string
  readonly topicId: Uuid
  readonly partition: number
  readonly offset: number
}

/**
 * The control plane's state: the fold of `__audit`, never changed in another way. One live object:
 * the maps change as records are applied, and a changed topic is a new object.
 */
export interface ClusterState {
  readonly clusterId: string
  /** Sequence number of the last record that was folded in; -1 before the first. */
  readonly seq: number
  /** By name; the history's own topic is among them. */
  readonly topics: ReadonlyMap<string, Topic>
  readonly topicsById: ReadonlyMap<Uuid, Topic>
  /** Partitions of all topics together. */
  readonly partitionCount: number
  /** Dynamic broker configs by broker id, as text; the cluster-wide defaults are under the empty one. */
  readonly brokerConfigs: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** Subscriptions of client metrics (KIP-714) by name: what is set of each, as text. */
  readonly clientMetrics: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** First producer id that was never handed out. */
  readonly nextProducerId: bigint
  /** By the sequence number of the intent. */
  readonly openPurges: ReadonlyMap<number, OpenPurge>
  /** Topics that can be restored. */
  readonly deletedTopics: ReadonlyMap<Uuid, DeletedTopic>
  /** By name. */
  readonly users: ReadonlyMap<string, User>
  /** Sequence number of the last record about ACLs, accounts or roles; -1 before the first. */
  readonly accessSeq: number
  /** Sequence number of the last record about client quotas or the throttles of a topic; -1 before the first. */
  readonly quotaSeq: number
  /** Sequence number of the last record about client metrics; -1 before the first. */
  readonly clientMetricsSeq: number
  /** By `aclId`. */
  readonly acls: ReadonlyMap<string, AclBinding>
  /** By `quotaEntityKey`. */
  readonly quotas: ReadonlyMap<string, ClientQuota>
  /** By name. */
  readonly accounts: ReadonlyMap<string, Account>
  /** By name, without the built-in ones. */
  readonly roles: ReadonlyMap<string, Role>
  readonly tokens: ReadonlyMap<Uuid, ApiToken>
  readonly delegationTokens: ReadonlyMap<string, DelegationToken>
  /** What was set of listeners while running. */
  readonly listeners: ListenerOverrides
  /** How much of its volume the broker may use; null for all that the file system has. */
  readonly diskCapacityBytes: number | null
  /** What shall happen when the disk fills; null until somebody says so. */
  readonly diskPolicy: DiskPolicy | null
  /** Alarm rules that the monitor evaluates, by the group's name. */
  readonly ruleGroups: ReadonlyMap<string, RuleGroup>
  /** By name. */
  readonly contactPoints: ReadonlyMap<string, ContactPoint>
  /** Who hears of which alerts; null until somebody says so. */
  readonly notificationPolicy: JsonObject | null
  /** Position of the last report of each outbox of a monitor. */
  readonly outboxes: ReadonlyMap<string, number>
  /** The verifier key (signed-note form) of checkpoints since the last rotation; null before the first. */
  readonly auditKey: string | null
  /** Id of the backup that has begun and not ended; null when none is being made. */
  readonly runningBackup: Uuid | null
}

/** The resource as it is after the command, by command. */
interface AfterByKind extends Readonly<Record<ReportedKind, null>> {
  readonly 'topic.create': Topic
  /** Null when its space was to be given back at once. */
  readonly 'topic.delete': DeletedTopic | null
  readonly 'topic.restore': Topic
  readonly 'topic.purge': null
  readonly 'topic.quota.alter': Topic
  readonly 'topic.partitions.create': Topic
  readonly 'topic.config.alter': Topic
  /** What is set for that broker id, as text. */
  readonly 'broker.config.alter': Readonly<Record<string, string>>
  /** What is set of the subscription, as text; null when nothing is left of it. */
  readonly 'client-metrics.alter': Readonly<Record<string, string>> | null
  readonly 'records.delete': { readonly logStartOffset: number }
  /** Ids from `firstProducerId` on, `count` of them. */
  readonly 'producer-ids.allocate': { readonly firstProducerId: bigint; readonly count: number }
  readonly 'user.scram.upsert': User
  /** Null when that was the last credential. */
  readonly 'user.scram.delete': User | null
  readonly 'acl.create': AclBinding
  readonly 'acl.delete': null
  /** Null when no limit is left. */
  readonly 'quota.alter': ClientQuota | null
  readonly 'account.create': Account
  readonly 'account.alter': Account
  readonly 'account.delete': null
  readonly 'role.create': Role
  readonly 'role.alter': Role
  readonly 'role.delete': null
  readonly 'token.create': ApiToken
  readonly 'token.revoke': null
  readonly 'delegation-token.create': DelegationToken
  readonly 'delegation-token.renew': DelegationToken
  readonly 'delegation-token.expire': DelegationToken | null
  readonly 'group.offsets.reset': null
  readonly 'group.offsets.delete': null
  readonly 'group.delete': null
  /** Null when it was removed. */
  readonly 'listener.alter': ListenerSettings | null
  readonly 'disk.capacity.alter': { readonly capacityBytes: number } | null
  readonly 'retention-policy.alter': DiskPolicy
  readonly 'backup.create': { readonly backupId: Uuid; readonly phase: BackupPhase }
  readonly 'backup.restore': null
  readonly 'audit.key.rotate': { readonly verifierKey: string }
  readonly 'person.erase': Account
  readonly 'rule.put': RuleGroup
  readonly 'rule.delete': null
  readonly 'contact-point.put': ContactPoint
  readonly 'contact-point.delete': null
  readonly 'notification-policy.put': JsonObject | null
}

/** What became of one command; `error` is NONE when it worked. */
export interface Outcome<C extends Command = Command> {
  readonly error: ErrorName
  readonly message: string | null
  /** Sequence number of its record; -1 when it left none. */
  readonly seq: number
  /** Null when it failed. For a validate-only call what would have been. */
  readonly after: AfterByKind[C['kind']] | null
}

/** What `__secrets` holds, for those in the broker who check credentials. Nobody else can ask. */
export interface SecretReader {
  /** The secret as it was stored; undefined when there is none (any more). Do not change the bytes. */
  get(secretId: Uuid): Uint8Array | undefined
  /** How many there are. */
  readonly size: number
}

/** A resource by its key in `ControlPlane.resources`, and the record that changed it last; null when it is not there. */
export interface ExpectedResource {
  readonly key: string
  readonly seq: number | null
}

export interface ExecuteOptions {
  /** Decide and answer, change nothing, record nothing. */
  readonly validateOnly?: boolean
  /** One refusal refuses all: the others are answered OPERATION_NOT_ATTEMPTED. */
  readonly allOrNothing?: boolean
  /**
   * Refuse (INVALID_UPDATE_VERSION) unless each resource was last changed by this record; see
   * `ControlPlane.resources`. `any`: unless there is such a resource.
   */
  readonly expectedSeq?: number | 'any'
  /** The same by the position of the command, for what it was decided to give it on. */
  readonly expected?: readonly (ExpectedResource | undefined)[]
  /**
   * Asked in the turn of the call, once everything was decided and before any of it takes effect. Why
   * all of it must be refused (POLICY_VIOLATION), or null. With `allOrNothing`.
   */
  readonly guard?: () => string | null
  /** When it happened, and is decided as of, where that is not now: what is only told of afterwards. */
  readonly occurredAtMs?: number
  /** By the position of the command: why it is given, and what it reverts. */
  readonly notes?: readonly (RecordNote | undefined)[]
}

/** A command that is yet to be made. */
export interface Attempt {
  /** What it is about; what it would do with that may be left empty. */
  readonly command: Command
  /** What was asked for, as the record keeps it; what the command says when left out. */
  readonly asked?: JsonObject
  readonly reason?: string | undefined
  /** Answer, and record nothing. */
  readonly validateOnly?: boolean
}

/** The control plane: way 3 of the house. */
export interface ControlPlane {
  readonly state: ClusterState
  /** The same state as the history itself sees it: every resource with the record that changed it last. */
  readonly resources: HistoryState
  readonly history: FollowedHistory
  /** Broker configuration in effect; the control plane applies dynamic changes to it. */
  readonly config: BrokerConfig
  readonly secrets: SecretReader
  /** Effective configuration of a topic, or, of one that does not exist, the broker's defaults. O(1). */
  topicConfig(topic: string): EffectiveTopicConfig
  /**
   * Runs the commands of one call: decide, append their records atomically, apply, answer, in the
   * order given. Calls take effect one after the other. Never rejects for a reason of the domain.
   */
  execute<C extends Command>(
    commands: readonly C[],
    actor: Actor,
    options?: ExecuteOptions,
  ): Promise<readonly Outcome<C>[]>
  /**
   * Refuses a command that the actor may not give, and records the attempt, before the command is made:
   * for those that cost something to make. Null when it may be given; `execute` asks again in its turn.
   */
  denialOf(attempt: Attempt, actor: Actor): Promise<Outcome | null>
  /** Called after each applied record, in order. Answers how to stop. */
  onApplied(listener: (state: ClusterState) => void): () => void
  /**
   * Called when topics were deleted, restored or purged, once that is durable; the call is answered
   * after what it returns. For what else has to follow. Answers how to stop.
   */
  onTopicsChanged(follow: () => Promise<void>): () => void
  /** Puts something that changed nothing into the history, at once. Answers its sequence number, -1 when that failed. */
  record(observation: Observation): Promise<number>
  /** The same, counted together with others of its kind in one record a minute. */
  observe(observation: Observation): void
  /** Called at once with what is counted so. Answers how to stop. */
  onObserved(listener: (observation: Observation) => void): () => void
  /** The groups, once there are any; until then commands about them are refused. */
  attachGroups(groups: GroupChanges): void
  /** Whoever has the sockets; until then commands about listeners are refused. */
  attachListeners(listeners: ListenerChanges): void
  /** Takes operations back: a plan, and unless it is a dry run the commands that carry it out. */
  rewind(
    request: RewindRequest,
    actor: Actor,
    options: { readonly dryRun: boolean },
  ): Promise<RewindAnswer>
  /** Waits for the calls that run; later ones are refused. */
  stop(): Promise<void>
}
