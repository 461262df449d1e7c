import type { Uuid } from '../../../kit/index.ts'
import type { Topic } from '../../control/index.ts'
import type { Hold, Quotas, TopicThrottle } from '../../quotas/index.ts'

/** What a throttled topic gives a request. */
interface TopicLimit {
  readonly throttle: TopicThrottle
  /** For each partition; 0 when they have to wait. */
  readonly partitionBytes: number
}

/**
 * Throttles of the topics that a Fetch request names. A topic whose throttle has nothing left is left
 * out of this reading, and the others are read as ever.
 */
export class TopicFetchLimits {
  readonly #quotas: Quotas
  readonly #limits = new Map<Uuid, TopicLimit | null>()
  #hold: Hold | undefined

  constructor(quotas: Quotas) {
    this.#quotas = quotas
  }

  /** The shortest wait for a topic that is left out. */
  get hold(): Hold | undefined {
    return this.#hold
  }

  /** Bytes that may be read of each partition now. `partitionsOf` lists those that the request names. */
  bytesOf(topic: Topic, partitionsOf: () => readonly unknown[]): number {
    let limit = this.#limits.get(topic.id)
    if (limit === undefined) {
      const throttle = this.#quotas.ofTopic(topic)
      limit = throttle && this.#limitBy(throttle, partitionsOf)
      this.#limits.set(topic.id, limit)
    }
    return limit?.partitionBytes ?? Infinity
  }

  /** So many bytes of a topic are sent. */
  count(topicId: Uuid, sizeBytes: number): void {
    this.#limits.get(topicId)?.throttle.fetched(sizeBytes)
  }

  #limitBy(throttle: TopicThrottle, partitionsOf: () => readonly unknown[]): TopicLimit {
    const hold = throttle.fetchHold()
    if (!hold) {
      const bytes = throttle.fetchableBytes / partitionsOf().length
      return { throttle, partitionBytes: Math.max(1, Math.floor(bytes)) }
    }
    if (!this.#hold || hold.waitMs < this.#hold.waitMs) this.#hold = hold
    return { throttle, partitionBytes: 0 }
  }
}
