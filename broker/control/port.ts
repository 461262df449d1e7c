import type { Uuid } from '../../kit/index.ts'

/** A topic as the history says it is. */
export interface Topic {
  readonly id: Uuid
  readonly name: string
  readonly partitionCount: number
  /** Only what was set on the topic; effective values come from the config table. */
  readonly configs: Readonly<Record<string, string>>
  readonly internal: boolean
  readonly createdAtMs: number
}

/** The control plane's state: the fold of `__audit`, never changed in another way. */
export interface ClusterState {
  readonly clusterId: string
  /** Sequence number of the last record that was folded in; -1 before the first. */
  readonly seq: number
  readonly topics: ReadonlyMap<string, Topic>
  readonly topicsById: ReadonlyMap<Uuid, Topic>
  /** Dynamic broker configs that were set (cluster-wide default and this broker's are one on one machine). */
  readonly brokerConfigs: ReadonlyMap<string, string>
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

/** One control operation on one resource. Each becomes one history record, whatever comes of it. */
export type Command =
  | {
      readonly kind: 'topic.create'
      readonly name: string
      /** -1 takes the broker's default. */
      readonly partitionCount: number
      /** -1 takes the default; more than 1 is refused on one machine. */
      readonly replicationFactor: number
      /** Broker ids by partition when the client chose them itself; else empty. */
      readonly assignments: readonly { partition: number; brokerIds: readonly number[] }[]
      readonly configs: readonly { readonly name: string; readonly value: string | null }[]
      /** True when a client's first use created it (auto.create.topics.enable), or the broker itself. */
      readonly automatic?: boolean
      readonly internal?: boolean
    }
  | { readonly kind: 'topic.delete'; readonly name?: string; readonly id?: Uuid }
  | {
      readonly kind: 'topic.partitions.create'
      readonly name: string
      readonly totalCount: number
      readonly assignments: readonly (readonly number[])[] | null
    }
  | {
      readonly kind: 'topic.config.alter'
      readonly name: string
      /** `replace` is AlterConfigs (what is not named goes back to its default). */
      readonly mode: 'replace' | 'incremental'
      readonly changes: readonly ConfigChange[]
    }
  | {
      readonly kind: 'broker.config.alter'
      /** Empty for the cluster-wide default. */
      readonly brokerId: string
      readonly mode: 'replace' | 'incremental'
      readonly changes: readonly ConfigChange[]
    }
  | {
      readonly kind: 'records.delete'
      readonly topic: string
      readonly partition: number
      readonly offset: number
    }
  | { readonly kind: 'producer-ids.allocate' }

/** What became of one command. `error` is a name of the protocol's error table ("NONE" when it worked). */
export interface Outcome {
  readonly error: string
  readonly message: string | null
  /** Sequence number of its record; -1 for a validate-only call. */
  readonly seq: number
  /** The resource as it is now, for the answer (a Topic for topic commands; else by command). */
  readonly after: unknown
}

export interface ExecuteOptions {
  /** Decide and answer, change nothing, record nothing. */
  readonly validateOnly?: boolean
}

/** The control plane: way 3 of the house. */
export interface ControlPlane {
  readonly state: ClusterState
  /**
   * Runs the commands of one call: decide, append their records atomically, apply, answer, in the
   * order given. Calls take effect one after the other. Never rejects for a reason of the domain.
   */
  execute(
    commands: readonly Command[],
    actor: Actor,
    options?: ExecuteOptions,
  ): Promise<readonly Outcome[]>
  /** Called after each applied record, in order. Answers how to stop. */
  onApplied(listener: (state: ClusterState) => void): () => void
}
