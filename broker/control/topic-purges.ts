import type { HistoryRecord } from '../../audit/index.ts'
import type { Logger } from '../../kit/index.ts'
import type { LogStore } from '../log/index.ts'
import type { FoldedState } from './fold/folded-state.ts'
import type { Call } from './history-record.ts'
import { purgedTopicRecord } from './history-record.ts'
import type { DeletedTopic } from './port.ts'

/** The logs of a deleted topic are gone. */
interface Purged {
  readonly topic: DeletedTopic
  readonly freedBytes: number
}

/**
 * Removes the logs of deleted topics whose purge is durable as an intent. Removing twice is the same
 * as once, so a purge of which the history does not know the outcome is simply carried out again.
 */
export class TopicPurges {
  readonly #store: LogStore
  readonly #state: FoldedState
  readonly #logger: Logger

  constructor(store: LogStore, state: FoldedState, logger: Logger) {
    this.#store = store
    this.#state = state
    this.#logger = logger
  }

  /** Those that worked; the others stay open and are tried again later. Never rejects. */
  async run(topics: readonly DeletedTopic[]): Promise<readonly Purged[]> {
    const done: Purged[] = []
    for (const topic of topics) {
      const freedBytes = this.sizeOf(topic)
      try {
        await this.#store.drop(topic.id)
        done.push({ topic, freedBytes })
      } catch (error) {
        this.#logger.error(
          { err: error, topic: topic.name },
          'a deleted topic cannot be purged yet',
        )
      }
    }
    return done
  }

  /** The records that close these purges, to be appended next. `intents` are known by topic id. */
  records(
    call: Call,
    purged: readonly Purged[],
    intents: ReadonlyMap<string, number>,
  ): readonly HistoryRecord[] {
    return purged.map(({ topic, freedBytes }, index) => {
      const intent = intents.get(topic.id)
      return purgedTopicRecord(call, this.#state.seq + 1 + index, topic, freedBytes, intent)
    })
  }

  /** Bytes of its batches that are kept. */
  sizeOf(topic: DeletedTopic): number {
    let sizeBytes = 0
    for (let partition = 0; partition < topic.partitionCount; partition++) {
      sizeBytes += this.#store.find(topic.id, partition)?.sizeBytes ?? 0
    }
    return sizeBytes
  }
}
