import type { Uuid } from '../../kit/index.ts'
import type { ClusterState, OpenPurge, Topic } from './port.ts'
import { collisionKey } from './topic-name.ts'

/** What a fold needs of a map; a plain Map is one. */
interface Table<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): unknown
  delete(key: Key): unknown
}

/** A table over another one, which it leaves as it is. */
class OverlayTable<Key, Value> implements Table<Key, Value> {
  readonly #base: Table<Key, Value>
  /** Undefined hides what the base has. */
  readonly #changes = new Map<Key, Value | undefined>()

  constructor(base: Table<Key, Value>) {
    this.#base = base
  }

  get(key: Key): Value | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#base.get(key)
  }

  set(key: Key, value: Value): void {
    this.#changes.set(key, value)
  }

  delete(key: Key): void {
    this.#changes.set(key, undefined)
  }
}

interface Tables {
  readonly topics: Table<string, Topic>
  readonly topicsById: Table<Uuid, Topic>
  /** Name of the topic that holds a collision key. */
  readonly collisions: Table<string, string>
  readonly brokerConfigs: Table<string, Readonly<Record<string, string>>>
  readonly openPurges: Table<number, OpenPurge>
}

interface Scalars {
  clusterId: string
  seq: number
  partitionCount: number
  nextProducerId: bigint
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

  /** A state that starts as this one is now and keeps its changes to itself. */
  draft(): FoldedState {
    const { topics, topicsById, collisions, brokerConfigs, openPurges } = this.tables
    const tables = {
      topics: new OverlayTable(topics),
      topicsById: new OverlayTable(topicsById),
      collisions: new OverlayTable(collisions),
      brokerConfigs: new OverlayTable(brokerConfigs),
      openPurges: new OverlayTable(openPurges),
    }
    return new FoldedState(tables, { ...this.#scalars })
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

  putTopic(topic: Topic): void {
    const previous = this.tables.topics.get(topic.name)
    this.#scalars.partitionCount += topic.partitionCount - (previous?.partitionCount ?? 0)
    this.tables.topics.set(topic.name, topic)
    this.tables.topicsById.set(topic.id, topic)
    const key = collisionKey(topic.name)
    if (key !== null) this.tables.collisions.set(key, topic.name)
  }

  removeTopic(id: Uuid): void {
    const topic = this.tables.topicsById.get(id)
    if (!topic) return
    this.#scalars.partitionCount -= topic.partitionCount
    this.tables.topics.delete(topic.name)
    this.tables.topicsById.delete(id)
    const key = collisionKey(topic.name)
    if (key !== null) this.tables.collisions.delete(key)
  }

  setBrokerConfigs(brokerId: string, configs: Readonly<Record<string, string>>): void {
    if (Object.keys(configs).length === 0) this.tables.brokerConfigs.delete(brokerId)
    else this.tables.brokerConfigs.set(brokerId, configs)
  }

  setNextProducerId(nextProducerId: bigint): void {
    this.#scalars.nextProducerId = nextProducerId
  }

  openPurge(purge: OpenPurge): void {
    this.tables.openPurges.set(purge.intent, purge)
  }

  closePurge(intent: number): void {
    this.tables.openPurges.delete(intent)
  }
}

/** The state in effect. */
export class LiveState extends FoldedState implements ClusterState {
  readonly topics: ReadonlyMap<string, Topic>
  readonly topicsById: ReadonlyMap<Uuid, Topic>
  readonly brokerConfigs: ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly openPurges: ReadonlyMap<number, OpenPurge>

  constructor() {
    const tables = {
      topics: new Map<string, Topic>(),
      topicsById: new Map<Uuid, Topic>(),
      collisions: new Map<string, string>(),
      brokerConfigs: new Map<string, Readonly<Record<string, string>>>(),
      openPurges: new Map<number, OpenPurge>(),
    }
    super(tables, { clusterId: '', seq: -1, partitionCount: 0, nextProducerId: 0n })
    this.topics = tables.topics
    this.topicsById = tables.topicsById
    this.brokerConfigs = tables.brokerConfigs
    this.openPurges = tables.openPurges
  }
}
