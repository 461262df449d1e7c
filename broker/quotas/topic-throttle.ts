import type { Clock } from '../../kit/index.ts'
import type { Topic, TopicQuota } from '../control/index.ts'
import type { NoteHold } from './client-throttles.ts'
import type { Hold } from './throttle.ts'
import { Throttle } from './throttle.ts'

/** The throttles of one topic, shared by all who produce to it or consume from it. */
export class TopicThrottle {
  readonly #name: string
  readonly #producer: Throttle
  readonly #consumer: Throttle
  readonly #note: NoteHold

  constructor({ name, quota }: Topic, clock: Clock, note: NoteHold) {
    this.#name = name
    this.#note = note
    const { producerByteRate = null, consumerByteRate = null } = quota ?? {}
    this.#producer = new Throttle('topic_producer_byte_rate', clock, producerByteRate)
    this.#consumer = new Throttle('topic_consumer_byte_rate', clock, consumerByteRate)
  }

  /** A batch of that size came. Null unless that is too much. */
  produced(sizeBytes: number): Hold | null {
    const waitMs = this.#producer.take(sizeBytes)
    return waitMs > 0 ? this.#hold(this.#producer, waitMs, () => this.#producer.debtMs) : null
  }

  /** Milliseconds until something may be produced; 0 for at once. */
  get produceWaitMs(): number {
    return this.#producer.debtMs
  }

  /** Null when something may be fetched now. */
  fetchHold(): Hold | null {
    const waitMs = this.#consumer.sliceMs
    return waitMs > 0 ? this.#hold(this.#consumer, waitMs, () => this.#consumer.sliceMs) : null
  }

  /** Bytes that may be fetched now without a debt; at least 1. */
  get fetchableBytes(): number {
    return Math.max(1, Math.floor(this.#consumer.tokens))
  }

  fetched(sizeBytes: number): void {
    this.#consumer.take(sizeBytes)
  }

  /** The limits from now on; none when the topic has no throttle any more. */
  setQuota(quota: TopicQuota | undefined): void {
    this.#producer.setLimit(quota?.producerByteRate ?? null)
    this.#consumer.setLimit(quota?.consumerByteRate ?? null)
  }

  #hold({ kind }: Throttle, waitMs: number, remainingMs: () => number): Hold {
    this.#note(kind, this.#name, waitMs)
    return { waitMs, remainingMs }
  }
}
