import type { Cancel, Uuid } from '../../kit/index.ts'
import type { ErrorName } from '../../protocol/index.ts'
import type { Topic } from '../control/index.ts'
import { partitionFor } from './partition-for.ts'
import type { ShardOptions } from './shard/shard.ts'
import { Shard } from './shard/shard.ts'

/** How long to wait before a shard that could not be loaded is tried again. */
const RELOAD_DELAY_MS = 1_000

/** What each shard needs; that a shard was lost is for the shards themselves. */
export type ShardsOptions = Omit<ShardOptions, 'onLost'>

/** The shards of the partitions that this broker leads: on one machine, of all. */
export class Shards {
  readonly #options: ShardsOptions
  readonly #shardOptions: ShardOptions
  readonly #shards = new Map<number, Shard>()
  readonly #reloads = new Set<Cancel>()
  #topicId: Uuid | null = null
  #partitionCount = 0
  #isStopped = false

  constructor(options: ShardsOptions) {
    this.#options = options
    this.#shardOptions = { ...options, onLost: (shard) => this.#reload(shard.partition, 0) }
  }

  get groupCount(): number {
    let count = 0
    for (const shard of this.#shards.values()) count += shard.groupCount
    return count
  }

  /** What the members of all groups take in memory. */
  get memberBytes(): number {
    let sizeBytes = 0
    for (const shard of this.#shards.values()) sizeBytes += shard.memberBytes
    return sizeBytes
  }

  /** True when every partition has a shard that is at work. */
  get areLoaded(): boolean {
    for (const shard of this.#shards.values()) if (shard.state !== 'active') return false
    return this.#shards.size === this.#partitionCount
  }

  all(): Iterable<Shard> {
    return this.#shards.values()
  }

  /** The shard that coordinates the group, or what to answer while there is none. */
  find(groupId: string): Shard | ErrorName {
    if (this.#isStopped || this.#topicId === null) return 'NOT_COORDINATOR'
    const shard = this.#shards.get(partitionFor(groupId, this.#partitionCount))
    if (!shard) return 'COORDINATOR_NOT_AVAILABLE'
    return shard.state === 'active' ? shard : 'COORDINATOR_LOAD_IN_PROGRESS'
  }

  isOpen(topic: Topic): boolean {
    return this.#topicId === topic.id
  }

  /** Takes up the partitions of the topic; resolves when those that can be loaded are. */
  async open(topic: Topic): Promise<void> {
    if (this.#isStopped || this.isOpen(topic)) return
    this.close()
    this.#topicId = topic.id
    this.#partitionCount = topic.partitionCount
    const partitions = Array.from({ length: topic.partitionCount }, (_, partition) => partition)
    await Promise.all(partitions.map((partition) => this.#load(partition)))
  }

  /** Gives up all shards, because the topic is gone. */
  close(): void {
    for (const cancel of this.#reloads) cancel()
    this.#reloads.clear()
    for (const shard of this.#shards.values()) shard.unload()
    this.#shards.clear()
    this.#topicId = null
    this.#partitionCount = 0
  }

  /** As `close`, for good, and resolves when nothing is being written any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    const shards = [...this.#shards.values()]
    this.close()
    await Promise.all(shards.map((shard) => shard.idle()))
  }

  async #load(partition: number): Promise<void> {
    const { store, logger } = this.#options
    const log = this.#topicId === null ? undefined : store.find(this.#topicId, partition)
    if (!log) {
      this.#reload(partition, RELOAD_DELAY_MS)
      return
    }
    const shard = new Shard(log, this.#shardOptions)
    this.#shards.set(partition, shard)
    try {
      await shard.load()
    } catch (error) {
      logger.error({ err: error, partition }, 'could not load a partition of the group coordinator')
      shard.unload()
      if (this.#shards.get(partition) === shard) this.#reload(partition, RELOAD_DELAY_MS)
    }
  }

  #reload(partition: number, delayMs: number): void {
    this.#shards.delete(partition)
    if (this.#isStopped || this.#topicId === null) return
    const cancel = this.#options.timers.after(delayMs, () => {
      this.#reloads.delete(cancel)
      void this.#load(partition)
    })
    this.#reloads.add(cancel)
  }
}
