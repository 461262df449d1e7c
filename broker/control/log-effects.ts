import type { Cancel, Logger, Timers, Uuid } from '../../kit/index.ts'
import type { LogConfig, LogStore, PartitionSpec } from '../log/index.ts'
import { AUDIT_TOPIC } from './audit-topic.ts'
import type { EffectiveTopicConfigs } from './effective-topic-configs.ts'
import type { ClusterState, DeletedTopic, Topic } from './port.ts'

/** What records ask of the storage engine. Their order does not matter: ids are never used twice. */
export interface Effects {
  /** Topics whose logs must exist. */
  readonly create: readonly Topic[]
  readonly configure: readonly Topic[]
  /** Topics that were deleted, and whose logs must keep all that they hold. */
  readonly retain: readonly DeletedTopic[]
}

/** How long after a failure the engine is asked again. */
const RETRY_MS = 1000

/**
 * Makes the storage engine follow the state: a log for each partition of each topic that is there or
 * could be restored. An effect that fails does not undo its record; it is tried again until it works, or at
 * the next start. `inTurn` runs work when no call does, so that a second try does not create what
 * a call is about to drop.
 */
export class LogEffects {
  readonly #store: LogStore
  readonly #state: ClusterState
  readonly #configs: EffectiveTopicConfigs
  readonly #logger: Logger
  readonly #timers: Timers
  readonly #inTurn: (work: () => Promise<unknown>) => void
  #cancelRetry: Cancel | undefined

  constructor(
    store: LogStore,
    state: ClusterState,
    configs: EffectiveTopicConfigs,
    logger: Logger,
    timers: Timers,
    inTurn: (work: () => Promise<unknown>) => void,
  ) {
    this.#store = store
    this.#state = state
    this.#configs = configs
    this.#logger = logger
    this.#timers = timers
    this.#inTurn = inTurn
  }

  /** Answers whether all of it is done; what is not will be tried again. */
  async run(effects: Effects): Promise<boolean> {
    for (const topic of effects.configure) this.configure(topic)
    for (const topic of effects.retain) {
      this.#store.configure(topic.id, this.#retained(topic))
      // Its logs will not grow: who waits for that is told that the topic is gone.
      this.#store.wake(topic.id)
    }
    try {
      await this.#createLogs(effects.create, effects.retain)
      return true
    } catch (error) {
      this.#logger.error(
        { err: error },
        'the storage engine does not follow the state; trying again',
      )
      this.#retryLater()
      return false
    }
  }

  /**
   * At start: opens or creates the log of every partition that the history names, finishes the
   * deletions that a crash cut short, and moves logs that the history does not know out of the way.
   * Nothing is deleted that nobody asked to delete. Rejects when the engine does.
   */
  async open(deleted: ReadonlySet<Uuid>): Promise<void> {
    const kept = [...this.#state.deletedTopics.values()].filter(({ isPurging }) => !isPurging)
    const retained = kept.flatMap((topic) => this.#specs(topic, this.#retained(topic)))
    const present = [...this.#state.topics.values()].flatMap((topic) => this.#specs(topic))
    await this.#store.create([...present, ...retained])
    const unclaimed = new Map(
      [...this.#store.unclaimed()].map((log) => [log.topicId, log.topicName]),
    )
    for (const [topicId, topicName] of unclaimed) {
      // A purge that a crash cut short is finished by who has its intent.
      if (this.#state.deletedTopics.has(topicId)) continue
      if (deleted.has(topicId)) {
        await this.#store.drop(topicId)
        continue
      }
      this.#logger.warn({ topicId, topicName }, 'the history does not know these logs; set aside')
      await this.#store.setAside(topicId)
    }
  }

  configure(topic: Topic): void {
    if (topic.id !== AUDIT_TOPIC.id) {
      this.#store.configure(topic.id, this.#configs.of(topic).log)
    }
  }

  stop(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
  }

  async #createLogs(topics: Iterable<Topic>, retained: Iterable<DeletedTopic>): Promise<void> {
    const specs: PartitionSpec[] = []
    for (const topic of topics) {
      // Deleted while this was waiting for its turn.
      if (!this.#state.topicsById.has(topic.id)) continue
      specs.push(...this.#specs(topic))
    }
    for (const topic of retained) {
      // One that was created and deleted in a single call has no logs yet, and can be restored.
      const isKept = this.#state.deletedTopics.get(topic.id)?.isPurging === false
      if (isKept) specs.push(...this.#specs(topic, this.#retained(topic)))
    }
    const missing = specs.filter(({ topicId, partition }) => !this.#store.find(topicId, partition))
    if (missing.length > 0) await this.#store.create(missing)
  }

  /** All logs that a topic has. The history's own belongs to the history. */
  #specs(topic: Topic, config: LogConfig = this.#configs.of(topic).log): PartitionSpec[] {
    const { id: topicId, name: topicName, internal } = topic
    if (topicId === AUDIT_TOPIC.id) return []
    return Array.from({ length: topic.partitionCount }, (_, partition) => ({
      topicId,
      partition,
      topicName,
      config,
      internal,
    }))
  }

  /** Neither age nor size nor compaction takes anything away while a topic could be restored. */
  #retained(topic: DeletedTopic): LogConfig {
    const { log } = this.#configs.of(topic)
    return { ...log, cleanup: { delete: false, compact: false } }
  }

  #retryLater(): void {
    this.#cancelRetry ??= this.#timers.after(RETRY_MS, () => {
      this.#cancelRetry = undefined
      this.#inTurn(() =>
        this.run({ create: [...this.#state.topics.values()], configure: [], retain: [] }),
      )
    })
  }
}
