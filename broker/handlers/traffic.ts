import type { Uuid } from '../../kit/index.ts'
import { COMPRESSION_TYPES } from '../../protocol/index.ts'
import { CompressionSampler } from './produce/compression-sampler.ts'
import type { TopicTraffic, Traffic } from './services.ts'

/** Counters by topic id. `forget` a topic once it is deleted, so that the counters do not pile up. */
export class TopicTrafficTable implements Traffic {
  readonly compression = new CompressionSampler()
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
        produceConversions: 0,
        fetchConversions: 0,
        batches: COMPRESSION_TYPES.map(() => 0),
        sampledBytes: 0,
        sampledPlainBytes: 0,
        nextSampleMs: 0,
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
