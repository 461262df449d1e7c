import type { Uuid } from '../../kit/index.ts'
import type { TopicTraffic, Traffic } from './services.ts'

/** Counters by topic id. `forget` a topic once it is deleted, so that the counters do not pile up. */
export class TopicTrafficTable implements Traffic {
  readonly #byTopic = new Map<Uuid, TopicTraffic>()

  of(topicId: Uuid): TopicTraffic {
    let traffic = this.#byTopic.get(topicId)
    if (!traffic) {
      traffic = {
        topicId,
        messagesIn: 0,
        bytesIn: 0,
        bytesOut: 0,
        bytesRejected: 0,
        produceRequests: 0,
        failedProduceRequests: 0,
        fetchRequests: 0,
        failedFetchRequests: 0,
      }
      this.#byTopic.set(topicId, traffic)
    }
    return traffic
  }

  all(): Iterable<TopicTraffic> {
    return this.#byTopic.values()
  }

  forget(topicId: Uuid): void {
    this.#byTopic.delete(topicId)
  }
}
