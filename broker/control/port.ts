import type { HistoryReader } from '../../audit/index.ts'
import type { Uuid } from '../../kit/index.ts'
import type { ErrorName } from '../../protocol/index.ts'
import type { BrokerConfig } from './broker-config.ts'
import type { EffectiveTopicConfig } from './effective-topic-config.ts'

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
  /** First producer id that was never handed out. */
  readonly nextProducerId: bigint
  /** By the sequence number of the intent. */
  readonly openPurges: ReadonlyMap<number, OpenPurge>
}

/** Who asks, from where, through which door. Goes into the record as it is. */
export interface Actor {
  readonly principal: string
  readonly mechanism: string
  readonly door: 'kafka' | 'http' | 'cli' | 'system'
  readonly source: {
    readonly ip: string
    readonly listener: string
    readonly clientId?: string
    readonly software?: string
  }
}

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

export interface DeleteTopic {
  readonly kind: 'topic.delete'
  readonly name?: string
  readonly id?: Uuid
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

/** One control operation on one resource. Each becomes one history record, whatever comes of it. */
export type Command =
  | CreateTopic
  | DeleteTopic
  | CreatePartitions
  | AlterTopicConfig
  | AlterBrokerConfig
  | DeleteRecords
  | AllocateProducerIds

/** The resource as it is after the command, by command. */
interface AfterByKind {
  readonly 'topic.create': Topic
  readonly 'topic.delete': null
  readonly 'topic.partitions.create': Topic
  readonly 'topic.config.alter': Topic
  /** What is set for that broker id, as text. */
  readonly 'broker.config.alter': Readonly<Record<string, string>>
  readonly 'records.delete': { readonly logStartOffset: number }
  /** Ids from `firstProducerId` on, `count` of them. */
  readonly 'producer-ids.allocate': { readonly firstProducerId: bigint; readonly count: number }
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

export interface ExecuteOptions {
  /** Decide and answer, change nothing, record nothing. */
  readonly validateOnly?: boolean
}

/** The control plane: way 3 of the house. */
export interface ControlPlane {
  readonly state: ClusterState
  readonly history: HistoryReader
  /** Broker configuration in effect; the control plane applies dynamic changes to it. */
  readonly config: BrokerConfig
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
  /** Called after each applied record, in order. Answers how to stop. */
  onApplied(listener: (state: ClusterState) => void): () => void
  /** Waits for the calls that run; later ones are refused. */
  stop(): Promise<void>
}
