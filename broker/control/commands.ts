import type { JsonObject } from '../../audit/index.ts'
import type { Uuid } from '../../kit/index.ts'
import type { AclBinding, RoleRule } from './access.ts'
import type { DiskPolicy } from './disk-policy.ts'
import type { RuleGroup } from './documents/rule-group.ts'
import type { ScramMechanism } from './identities.ts'
import type { ListenerSettings } from './listeners.ts'
import type { QuotaEntity, QuotaKey } from './quotas.ts'
import type { ReportedOperations } from './reported-operations.ts'

export type ConfigChange =
  | { readonly op: 'set'; readonly name: string; readonly value: string | null }
  | { readonly op: 'delete'; readonly name: string }
  | { readonly op: 'append'; readonly name: string; readonly value: string }
  | { readonly op: 'subtract'; readonly name: string; readonly value: string }

export interface CreateTopic {
  readonly kind: 'topic.create'
  readonly name: string
  /** -1 takes the broker's default. */
  readonly partitionCount: number
  /** -1 takes the default; more than 1 is refused on one machine. */
  readonly replicationFactor: number
  /** Broker ids by partition when the client chose them itself; else empty. */
  readonly assignments: readonly {
    readonly partition: number
    readonly brokerIds: readonly number[]
  }[]
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
  /**
   * True when a client's first use created it (auto.create.topics.enable), or the broker itself.
   * Such a command is nobody's attempt: it leaves a record only when it creates the topic, and a
   * topic that exists by then is a success.
   */
  readonly automatic?: boolean
  /** Only the broker itself says so. */
  readonly internal?: boolean
}

/**
 * The topic disappears from clients at once and its name is free; its data stays for
 * `topic.undelete.retention.ms`, until when it can be restored.
 */
export interface DeleteTopic {
  readonly kind: 'topic.delete'
  readonly name?: string
  readonly id?: Uuid
  /** Gives the space back at once: there is nothing to restore. */
  readonly purgeNow?: boolean
}

/** Brings a deleted topic back whole: the same id, configurations, committed offsets. */
export interface RestoreTopic {
  readonly kind: 'topic.restore'
  /** By the name that it had (the latest deletion of that name), or by its id. */
  readonly name?: string
  readonly id?: Uuid
  /** When the old name has been taken by another topic. */
  readonly newName?: string
}

/** Gives the space of a deleted topic back; it cannot be restored any more. */
export interface PurgeTopic {
  readonly kind: 'topic.purge'
  readonly id: Uuid
  /** The records and reasons that led to it: the retention is over, or the disk is full. */
  readonly reason?: string
}

/** Limits of a topic, whoever produces or consumes; null takes a limit away, undefined leaves it. */
export interface AlterTopicQuota {
  readonly kind: 'topic.quota.alter'
  readonly name: string
  readonly producerByteRate?: number | null
  readonly consumerByteRate?: number | null
}

export interface CreatePartitions {
  readonly kind: 'topic.partitions.create'
  readonly name: string
  readonly totalCount: number
  /** Broker ids for each new partition when the client chose them itself. */
  readonly assignments: readonly (readonly number[])[] | null
}

/** `replace` is AlterConfigs: what is not named goes back to its default. */
export type AlterMode = 'replace' | 'incremental'

export interface AlterTopicConfig {
  readonly kind: 'topic.config.alter'
  readonly name: string
  readonly mode: AlterMode
  readonly changes: readonly ConfigChange[]
}

export interface AlterBrokerConfig {
  readonly kind: 'broker.config.alter'
  /** Empty for the cluster-wide default. */
  readonly brokerId: string
  readonly mode: AlterMode
  readonly changes: readonly ConfigChange[]
}

/** Sets what clients are asked to report of themselves (KIP-714): one subscription, by its name. */
export interface AlterClientMetrics {
  readonly kind: 'client-metrics.alter'
  readonly name: string
  readonly mode: AlterMode
  readonly changes: readonly ConfigChange[]
}

export interface DeleteRecords {
  readonly kind: 'records.delete'
  readonly topic: string
  readonly partition: number
  /** First offset that stays; -1 is the high watermark. */
  readonly offset: number
}

/** Takes a block of producer ids that nobody else ever gets. */
export interface AllocateProducerIds {
  readonly kind: 'producer-ids.allocate'
}

/** Sets a SCRAM credential of a user (KIP-554), who needs not exist before. */
export interface UpsertScramCredential {
  readonly kind: 'user.scram.upsert'
  readonly name: string
  readonly mechanism: ScramMechanism
  readonly iterations: number
  /** RFC 5802; derived by the door that took the password, which is not kept anywhere. */
  readonly salt: Uint8Array
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

export interface DeleteScramCredential {
  readonly kind: 'user.scram.delete'
  readonly name: string
  readonly mechanism: ScramMechanism
}

/** Adding one that is there already is a success that changes nothing, as in Kafka. */
export interface CreateAcl {
  readonly kind: 'acl.create'
  readonly binding: AclBinding
}

export interface DeleteAcl {
  readonly kind: 'acl.delete'
  readonly binding: AclBinding
}

/** Sets (a number) or removes (null) limits of one entity; what is not named stays. */
export interface AlterClientQuota {
  readonly kind: 'quota.alter'
  readonly entity: QuotaEntity
  readonly changes: readonly { readonly key: QuotaKey; readonly value: number | null }[]
}

/** What is known of the person behind an account. Lies in `__secrets`, never in a record. */
export interface PersonalData {
  readonly displayName?: string
  readonly email?: string
}

export interface CreateAccount {
  readonly kind: 'account.create'
  readonly name: string
  readonly roles: readonly string[]
  readonly person?: PersonalData
}

export interface AlterAccount {
  readonly kind: 'account.alter'
  readonly name: string
  /** What is left out stays. */
  readonly roles?: readonly string[]
  readonly isDisabled?: boolean
  readonly person?: PersonalData
}

/** Its tokens go with it, each by a record of its own that the account's caller adds before. */
export interface DeleteAccount {
  readonly kind: 'account.delete'
  readonly name: string
}

export interface CreateRole {
  readonly kind: 'role.create'
  readonly name: string
  readonly rules: readonly RoleRule[]
}

export interface AlterRole {
  readonly kind: 'role.alter'
  readonly name: string
  readonly rules: readonly RoleRule[]
}

export interface DeleteRole {
  readonly kind: 'role.delete'
  readonly name: string
}

export interface CreateToken {
  readonly kind: 'token.create'
  /** Chosen by the caller, so that the token's text can name it. */
  readonly id: Uuid
  readonly account: string
  readonly label: string
  /** -1 for never, or for as long as may be. */
  readonly expiresAtMs: number
  /** Until when the credential is good that it is asked for with; left out for one without an end. */
  readonly notAfterMs?: number
  /** SHA-256 of the token's text. */
  readonly hash: Uint8Array
}

export interface RevokeToken {
  readonly kind: 'token.revoke'
  readonly id: Uuid
}

export interface CreateDelegationToken {
  readonly kind: 'delegation-token.create'
  readonly id: string
  readonly owner: string
  readonly renewers: readonly string[]
  /** -1 takes the longest that `delegation.token.max.lifetime.ms` allows. */
  readonly maxLifetimeMs: number
  readonly hmac: Uint8Array
}

export interface RenewDelegationToken {
  readonly kind: 'delegation-token.renew'
  readonly id: string
  /** -1 takes `delegation.token.expiry.time.ms`. */
  readonly renewPeriodMs: number
}

export interface ExpireDelegationToken {
  readonly kind: 'delegation-token.expire'
  readonly id: string
  /** Negative expires it at once. */
  readonly expiryPeriodMs: number
}

/**
 * Sets committed offsets of a group without members: one record with the offsets before and after,
 * one commit with the offsets themselves.
 */
export interface ResetGroupOffsets {
  readonly kind: 'group.offsets.reset'
  readonly groupId: string
  /** Null removes the committed offset. */
  readonly offsets: readonly {
    readonly topic: string
    readonly partition: number
    readonly offset: number | null
    /** Refuse unless this is committed now; undefined for whatever is. */
    readonly expected?: number | null
    /** What the commit had beside its offset, when one is brought back. */
    readonly leaderEpoch?: number
    readonly metadata?: string
  }[]
}

/** Removes offsets of topics that no member subscribes to (KIP-496). */
export interface DeleteGroupOffsets {
  readonly kind: 'group.offsets.delete'
  readonly groupId: string
  readonly topic: string
  readonly partitions: readonly number[]
}

/** Removes a group without members, and its offsets (KIP-229). */
export interface DeleteGroup {
  readonly kind: 'group.delete'
  readonly groupId: string
}

/** A new signing key for checkpoints: from this record on, signatures are of that key. */
export interface RotateAuditKey {
  readonly kind: 'audit.key.rotate'
  /** The verifier key in signed-note form (C2SP). */
  readonly verifierKey: string
  /** The old key's signature over both, in base64; null when there was no key. */
  readonly endorsement: string | null
}

/** Erases what is known of the person behind an account. Every record and proof stays as it is. */
export interface ErasePerson {
  readonly kind: 'person.erase'
  readonly account: string
}

/** Adds, changes or removes a listener of the Kafka door, in effect at once. */
export interface AlterListener {
  readonly kind: 'listener.alter'
  readonly name: string
  readonly change:
    | ({ readonly to: 'settings' } & Omit<ListenerSettings, 'name'>)
    | { readonly to: 'removed' }
    /** As the process was started with it, or not at all. */
    | { readonly to: 'configured' }
}

/** How much of its volume this broker may use. */
export interface AlterDiskCapacity {
  readonly kind: 'disk.capacity.alter'
  /** Null for all that the file system has. */
  readonly capacityBytes: number | null
}

/** Replaces what shall happen when the disk fills. */
export interface AlterRetentionPolicy {
  readonly kind: 'retention-policy.alter'
  /** Null goes back to what is so without one. */
  readonly policy: DiskPolicy | null
}

/**
 * A backup of the running broker: one record when it begins, one when it ends. What it copies lies
 * outside the state, so the first is the intent and the second the outcome.
 */
export interface CreateBackup {
  readonly kind: 'backup.create'
  readonly backupId: Uuid
  readonly phase: BackupPhase
  /** Of one that is done: what it holds. */
  readonly content?: {
    readonly files: number
    readonly sizeBytes: number
    readonly historySize: number
    /** SHA-256 of its manifest, in hex. */
    readonly manifest: string
  }
  /** Of one that failed: why. */
  readonly failure?: string
}

export type BackupPhase = 'running' | 'done' | 'failed'

/** That this data was brought back from a backup; only the broker itself says so, at its first start on it. */
export interface RestoreBackup {
  readonly kind: 'backup.restore'
  readonly backupId: Uuid
  /** When the backup was made, RFC 3339. */
  readonly createdAt: string
  /** Records of the history in it, and the root of the tree over them in base64. */
  readonly historySize: number
  readonly historyRoot: string
}

/** Replaces a group of alarm rules, which the monitor evaluates, or adds it. */
export interface PutRuleGroup {
  readonly kind: 'rule.put'
  readonly group: RuleGroup
}

export interface DeleteRuleGroup {
  readonly kind: 'rule.delete'
  readonly name: string
}

/** Replaces a contact point, or adds it. */
export interface PutContactPoint {
  readonly kind: 'contact-point.put'
  readonly name: string
  /** Without secrets, which have names in it. */
  readonly settings: JsonObject
  /** Secrets by these names; one that is left out stays what it was. */
  readonly secrets?: Readonly<Record<string, string>>
}

export interface DeleteContactPoint {
  readonly kind: 'contact-point.delete'
  readonly name: string
}

/** Replaces who hears of which alerts. */
export interface PutNotificationPolicy {
  readonly kind: 'notification-policy.put'
  /** Null goes back to what is so without one. */
  readonly policy: JsonObject | null
}

/** One control operation on one resource. Each becomes one history record, whatever comes of it. */
export type Command =
  | CreateTopic
  | DeleteTopic
  | RestoreTopic
  | PurgeTopic
  | CreatePartitions
  | AlterTopicConfig
  | AlterTopicQuota
  | AlterBrokerConfig
  | AlterClientMetrics
  | DeleteRecords
  | AllocateProducerIds
  | UpsertScramCredential
  | DeleteScramCredential
  | CreateAcl
  | DeleteAcl
  | AlterClientQuota
  | CreateAccount
  | AlterAccount
  | DeleteAccount
  | CreateRole
  | AlterRole
  | DeleteRole
  | CreateToken
  | RevokeToken
  | CreateDelegationToken
  | RenewDelegationToken
  | ExpireDelegationToken
  | ResetGroupOffsets
  | DeleteGroupOffsets
  | DeleteGroup
  | AlterListener
  | AlterDiskCapacity
  | AlterRetentionPolicy
  | CreateBackup
  | RestoreBackup
  | RotateAuditKey
  | ErasePerson
  | PutRuleGroup
  | DeleteRuleGroup
  | PutContactPoint
  | DeleteContactPoint
  | PutNotificationPolicy
  | ReportedOperations
