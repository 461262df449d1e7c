import type { JsonObject } from '../../../audit/index.ts'
import type { Uuid } from '../../../kit/index.ts'
import type { AclBinding } from '../access.ts'
import type { DiskPolicy } from '../disk-policy.ts'
import type { ContactPoint } from '../documents/contact-point.ts'
import type { RuleGroup } from '../documents/rule-group.ts'
import type { Account, ApiToken, DelegationToken, Role, User } from '../identities.ts'
import type { ListenerOverride } from '../listeners.ts'
import type { ClusterState, DeletedTopic, OpenPurge, Topic } from '../port.ts'
import type { ClientQuota } from '../quotas.ts'
import { collisionKey } from '../topic-name.ts'
import type { Table } from './table.ts'
import { OverlayTable } from './table.ts'

type Texts = Readonly<Record<string, string>>

interface Tables {
  readonly topics: Table<string, Topic>
  readonly topicsById: Table<Uuid, Topic>
  /** Name of the topic that holds a collision key. */
  readonly collisions: Table<string, string>
  readonly deletedTopics: Table<Uuid, DeletedTopic>
  readonly brokerConfigs: Table<string, Texts>
  readonly clientMetrics: Table<string, Texts>
  readonly openPurges: Table<number, OpenPurge>
  readonly users: Table<string, User>
  readonly acls: Table<string, AclBinding>
  readonly quotas: Table<string, ClientQuota>
  readonly accounts: Table<string, Account>
  readonly roles: Table<string, Role>
  readonly tokens: Table<Uuid, ApiToken>
  readonly delegationTokens: Table<string, DelegationToken>
  readonly listeners: Table<string, ListenerOverride>
  readonly ruleGroups: Table<string, RuleGroup>
  readonly contactPoints: Table<string, ContactPoint>
  readonly outboxes: Table<string, number>
}

interface Scalars {
  clusterId: string
  seq: number
  partitionCount: number
  nextProducerId: bigint
  auditKey: string | null
  runningBackup: Uuid | null
  diskCapacityBytes: number | null
  diskPolicy: DiskPolicy | null
  notificationPolicy: JsonObject | null
  accessSeq: number
  quotaSeq: number
  clientMetricsSeq: number
}

/** The state as decisions read it and as records change it: the effective one, or a draft over it. */
export class FoldedState {
  readonly tables: Tables
  readonly #scalars: Scalars

  protected constructor(tables: Tables, scalars: Scalars) {
    this.tables = tables
    this.#scalars = scalars
  }

  get clusterId(): string {
    return this.#scalars.clusterId
  }

  get seq(): number {
    return this.#scalars.seq
  }

  get partitionCount(): number {
    return this.#scalars.partitionCount
  }

  get nextProducerId(): bigint {
    return this.#scalars.nextProducerId
  }

  get auditKey(): string | null {
    return this.#scalars.auditKey
  }

  get diskCapacityBytes(): number | null {
    return this.#scalars.diskCapacityBytes
  }

  get diskPolicy(): DiskPolicy | null {
    return this.#scalars.diskPolicy
  }

  get notificationPolicy(): JsonObject | null {
    return this.#scalars.notificationPolicy
  }

  /** Id of the backup that has begun and not ended. */
  get runningBackup(): Uuid | null {
    return this.#scalars.runningBackup
  }

  get accessSeq(): number {
    return this.#scalars.accessSeq
  }

  get quotaSeq(): number {
    return this.#scalars.quotaSeq
  }

  get clientMetricsSeq(): number {
    return this.#scalars.clientMetricsSeq
  }

  /** A state that starts as this one is now and keeps its changes to itself. */
  draft(): FoldedState {
    const { tables } = this
    const drafts: Tables = {
      topics: new OverlayTable(tables.topics),
      topicsById: new OverlayTable(tables.topicsById),
      collisions: new OverlayTable(tables.collisions),
      deletedTopics: new OverlayTable(tables.deletedTopics),
      brokerConfigs: new OverlayTable(tables.brokerConfigs),
      clientMetrics: new OverlayTable(tables.clientMetrics),
      openPurges: new OverlayTable(tables.openPurges),
      users: new OverlayTable(tables.users),
      acls: new OverlayTable(tables.acls),
      quotas: new OverlayTable(tables.quotas),
      accounts: new OverlayTable(tables.accounts),
      roles: new OverlayTable(tables.roles),
      tokens: new OverlayTable(tables.tokens),
      delegationTokens: new OverlayTable(tables.delegationTokens),
      listeners: new OverlayTable(tables.listeners),
      ruleGroups: new OverlayTable(tables.ruleGroups),
      contactPoints: new OverlayTable(tables.contactPoints),
      outboxes: new OverlayTable(tables.outboxes),
    }
    return new FoldedState(drafts, { ...this.#scalars })
  }

  /** The topic whose name differs from this one only in dots and underscores. */
  collidingTopic(name: string): string | undefined {
    const key = collisionKey(name)
    return key === null ? undefined : this.tables.collisions.get(key)
  }

  setSeq(seq: number): void {
    this.#scalars.seq = seq
  }

  setClusterId(clusterId: string): void {
    this.#scalars.clusterId = clusterId
  }

  setNextProducerId(nextProducerId: bigint): void {
    this.#scalars.nextProducerId = nextProducerId
  }

  setAuditKey(verifierKey: string): void {
    this.#scalars.auditKey = verifierKey
  }

  setDiskCapacity(capacityBytes: number | null): void {
    this.#scalars.diskCapacityBytes = capacityBytes
  }

  setDiskPolicy(policy: DiskPolicy | null): void {
    this.#scalars.diskPolicy = policy
  }

  setNotificationPolicy(policy: JsonObject | null): void {
    this.#scalars.notificationPolicy = policy
  }

  setRunningBackup(backupId: Uuid | null): void {
    this.#scalars.runningBackup = backupId
  }

  /** The record changed who may do what. */
  setAccessSeq(seq: number): void {
    this.#scalars.accessSeq = seq
  }

  /** The record changed what somebody is limited to. */
  setQuotaSeq(seq: number): void {
    this.#scalars.quotaSeq = seq
  }

  /** The record changed what clients are asked to report. */
  setClientMetricsSeq(seq: number): void {
    this.#scalars.clientMetricsSeq = seq
  }

  /** A topic that clients see from now on as it is given, whatever was known of it. */
  putTopic(topic: Topic): void {
    this.removeTopic(topic.id)
    this.#scalars.partitionCount += topic.partitionCount
    this.tables.topics.set(topic.name, topic)
    this.tables.topicsById.set(topic.id, topic)
    const key = collisionKey(topic.name)
    if (key !== null) this.tables.collisions.set(key, topic.name)
  }

  /** A topic that clients do not see any more. */
  putDeletedTopic(topic: DeletedTopic): void {
    this.removeTopic(topic.id)
    this.tables.deletedTopics.set(topic.id, topic)
  }

  /** A topic of which nothing is left. */
  removeTopic(id: Uuid): void {
    this.tables.deletedTopics.delete(id)
    const topic = this.tables.topicsById.get(id)
    if (!topic) return
    this.#scalars.partitionCount -= topic.partitionCount
    this.tables.topics.delete(topic.name)
    this.tables.topicsById.delete(id)
    const key = collisionKey(topic.name)
    if (key !== null) this.tables.collisions.delete(key)
  }

  setBrokerConfigs(brokerId: string, configs: Texts): void {
    if (Object.keys(configs).length === 0) this.tables.brokerConfigs.delete(brokerId)
    else this.tables.brokerConfigs.set(brokerId, configs)
  }

  openPurge(purge: OpenPurge): void {
    this.tables.openPurges.set(purge.intent, purge)
  }

  closePurge(intent: number): void {
    this.tables.openPurges.delete(intent)
  }
}

/** The maps of the state in effect. */
function liveTables() {
  return {
    topics: new Map<string, Topic>(),
    topicsById: new Map<Uuid, Topic>(),
    collisions: new Map<string, string>(),
    deletedTopics: new Map<Uuid, DeletedTopic>(),
    brokerConfigs: new Map<string, Texts>(),
    clientMetrics: new Map<string, Texts>(),
    openPurges: new Map<number, OpenPurge>(),
    users: new Map<string, User>(),
    acls: new Map<string, AclBinding>(),
    quotas: new Map<string, ClientQuota>(),
    accounts: new Map<string, Account>(),
    roles: new Map<string, Role>(),
    tokens: new Map<Uuid, ApiToken>(),
    delegationTokens: new Map<string, DelegationToken>(),
    listeners: new Map<string, ListenerOverride>(),
    ruleGroups: new Map<string, RuleGroup>(),
    contactPoints: new Map<string, ContactPoint>(),
    outboxes: new Map<string, number>(),
  }
}

/** The state in effect. */
export class LiveState extends FoldedState implements ClusterState {
  readonly #live: ReturnType<typeof liveTables>

  constructor() {
    const live = liveTables()
    super(live, {
      clusterId: '',
      seq: -1,
      partitionCount: 0,
      nextProducerId: 0n,
      auditKey: null,
      runningBackup: null,
      diskCapacityBytes: null,
      diskPolicy: null,
      notificationPolicy: null,
      accessSeq: -1,
      quotaSeq: -1,
      clientMetricsSeq: -1,
    })
    this.#live = live
  }

  get topics(): ReadonlyMap<string, Topic> {
    return this.#live.topics
  }

  get topicsById(): ReadonlyMap<Uuid, Topic> {
    return this.#live.topicsById
  }

  get deletedTopics(): ReadonlyMap<Uuid, DeletedTopic> {
    return this.#live.deletedTopics
  }

  get brokerConfigs(): ReadonlyMap<string, Texts> {
    return this.#live.brokerConfigs
  }

  get clientMetrics(): ReadonlyMap<string, Texts> {
    return this.#live.clientMetrics
  }

  get openPurges(): ReadonlyMap<number, OpenPurge> {
    return this.#live.openPurges
  }

  get users(): ReadonlyMap<string, User> {
    return this.#live.users
  }

  get acls(): ReadonlyMap<string, AclBinding> {
    return this.#live.acls
  }

  get quotas(): ReadonlyMap<string, ClientQuota> {
    return this.#live.quotas
  }

  get accounts(): ReadonlyMap<string, Account> {
    return this.#live.accounts
  }

  get roles(): ReadonlyMap<string, Role> {
    return this.#live.roles
  }

  get tokens(): ReadonlyMap<Uuid, ApiToken> {
    return this.#live.tokens
  }

  get listeners(): ReadonlyMap<string, ListenerOverride> {
    return this.#live.listeners
  }

  get ruleGroups(): ReadonlyMap<string, RuleGroup> {
    return this.#live.ruleGroups
  }

  get contactPoints(): ReadonlyMap<string, ContactPoint> {
    return this.#live.contactPoints
  }

  get outboxes(): ReadonlyMap<string, number> {
    return this.#live.outboxes
  }

  get delegationTokens(): ReadonlyMap<string, DelegationToken> {
    return this.#live.delegationTokens
  }
}
