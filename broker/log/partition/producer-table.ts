import { addToSequence } from '../batch.ts'
import type { ProducerKey } from './producer-key.ts'

/** Batches that are remembered to recognise a retry: the client's most requests in flight. */
const KEPT_BATCHES = 5
/** Numbers per remembered batch: first and last sequence, last offset, append time. */
const STRIDE = 4

/** What a partition knows about one producer. */
export interface Producer {
  epoch: number
  /** Broker's clock at its last append. */
  lastAppendMs: number
  /** Epoch of the transaction coordinator that wrote the last marker; -1 before the first. */
  coordinatorEpoch: number
  /** Batches remembered, oldest at `next` once it is full. */
  count: number
  next: number
  readonly batches: Float64Array
}

export type SequenceVerdict = 'next' | 'duplicate' | 'out-of-order' | 'fenced'

/** The batch that a duplicate repeats. */
export interface KeptBatch {
  readonly lastOffset: number
  readonly appendTimeMs: number
}

/**
 * Idempotent producers of one partition (KIP-98): which sequence comes next, and the last five
 * batches of each for recognising retries. An unknown producer may start at any sequence, because
 * its state may have expired. Bounded: over `limit` the one that was silent longest is forgotten.
 */
export class ProducerTable {
  readonly #producers = new Map<ProducerKey, Producer>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#producers.size
  }

  get(key: ProducerKey): Producer | undefined {
    return this.#producers.get(key)
  }

  entries(): Iterable<[ProducerKey, Producer]> {
    return this.#producers
  }

  judge(
    key: ProducerKey,
    epoch: number,
    firstSequence: number,
    lastOffsetDelta: number,
  ): SequenceVerdict {
    const producer = this.#producers.get(key)
    if (producer === undefined) return 'next'
    if (epoch < producer.epoch) return 'fenced'
    // A new epoch starts its sequences anew, and so does an epoch of which only a marker is known.
    if (epoch > producer.epoch) return firstSequence === 0 ? 'next' : 'out-of-order'
    if (producer.count === 0) return firstSequence === 0 ? 'next' : 'out-of-order'
    const newest = newestSlot(producer)
    const lastSequence = producer.batches[newest + 1] as number
    if (addToSequence(lastSequence, 1) === firstSequence) return 'next'
    return findSlot(producer, firstSequence, lastOffsetDelta) >= 0 ? 'duplicate' : 'out-of-order'
  }

  /** The batch that was judged a duplicate. */
  kept(key: ProducerKey, firstSequence: number, lastOffsetDelta: number): KeptBatch | undefined {
    const producer = this.#producers.get(key)
    const slot = producer ? findSlot(producer, firstSequence, lastOffsetDelta) : -1
    if (producer === undefined || slot < 0) return undefined
    return {
      lastOffset: producer.batches[slot + 2] as number,
      appendTimeMs: producer.batches[slot + 3] as number,
    }
  }

  append(
    key: ProducerKey,
    epoch: number,
    firstSequence: number,
    lastOffsetDelta: number,
    lastOffset: number,
    appendTimeMs: number,
    nowMs: number,
  ): void {
    const producer = this.#at(key, epoch, nowMs)
    const slot = producer.next * STRIDE
    producer.batches[slot] = firstSequence
    producer.batches[slot + 1] = addToSequence(firstSequence, lastOffsetDelta)
    producer.batches[slot + 2] = lastOffset
    producer.batches[slot + 3] = appendTimeMs
    producer.next = (producer.next + 1) % KEPT_BATCHES
    if (producer.count < KEPT_BATCHES) producer.count++
  }

  /** A transaction marker of the coordinator: moves the epoch, has no sequence. */
  mark(key: ProducerKey, epoch: number, coordinatorEpoch: number, nowMs: number): void {
    this.#at(key, epoch, nowMs).coordinatorEpoch = coordinatorEpoch
  }

  restore(key: ProducerKey, producer: Producer): void {
    this.#producers.set(key, producer)
  }

  delete(key: ProducerKey): void {
    this.#producers.delete(key)
  }

  /** Forgets producers silent since `beforeMs`, save those that `keeps` says have an open transaction. */
  expire(beforeMs: number, keeps: (key: ProducerKey) => boolean): void {
    for (const [key, producer] of this.#producers) {
      if (producer.lastAppendMs < beforeMs && !keeps(key)) this.#producers.delete(key)
    }
  }

  /** Takes back what was recorded for offsets from `endOffset` on. */
  cut(endOffset: number): void {
    for (const [key, producer] of this.#producers) {
      while (producer.count > 0) {
        if ((producer.batches[newestSlot(producer) + 2] as number) < endOffset) break
        producer.next = (producer.next + KEPT_BATCHES - 1) % KEPT_BATCHES
        producer.count--
      }
      if (producer.count === 0 && producer.coordinatorEpoch < 0) this.#producers.delete(key)
    }
  }

  #at(key: ProducerKey, epoch: number, nowMs: number): Producer {
    let producer = this.#producers.get(key)
    if (producer === undefined) {
      if (this.#producers.size >= this.#limit) this.#forgetMostSilent()
      producer = newProducer(epoch, nowMs)
      this.#producers.set(key, producer)
    } else if (producer.epoch !== epoch) {
      producer.epoch = epoch
      producer.count = 0
      producer.next = 0
    }
    producer.lastAppendMs = nowMs
    return producer
  }

  #forgetMostSilent(): void {
    let oldestKey: ProducerKey | undefined
    let oldestMs = Infinity
    for (const [key, producer] of this.#producers) {
      if (producer.lastAppendMs >= oldestMs) continue
      oldestMs = producer.lastAppendMs
      oldestKey = key
    }
    if (oldestKey !== undefined) this.#producers.delete(oldestKey)
  }
}

export function newProducer(epoch: number, nowMs: number): Producer {
  return {
    epoch,
    lastAppendMs: nowMs,
    coordinatorEpoch: -1,
    count: 0,
    next: 0,
    batches: new Float64Array(KEPT_BATCHES * STRIDE),
  }
}

export function cloneProducer(producer: Producer): Producer {
  return { ...producer, batches: producer.batches.slice() }
}

/** -1 when no batch of the current epoch is known. */
export function lastSequenceOf(producer: Producer): number {
  return producer.count === 0 ? -1 : (producer.batches[newestSlot(producer) + 1] as number)
}

/** Offset of its last record; -1 when no batch of the current epoch is known. */
export function lastOffsetOf(producer: Producer): number {
  return producer.count === 0 ? -1 : (producer.batches[newestSlot(producer) + 2] as number)
}

function newestSlot(producer: Producer): number {
  return ((producer.next + KEPT_BATCHES - 1) % KEPT_BATCHES) * STRIDE
}

function findSlot(producer: Producer, firstSequence: number, lastOffsetDelta: number): number {
  const lastSequence = addToSequence(firstSequence, lastOffsetDelta)
  for (let age = 1; age <= producer.count; age++) {
    const slot = ((producer.next + KEPT_BATCHES - age) % KEPT_BATCHES) * STRIDE
    if (producer.batches[slot] !== firstSequence) continue
    if (producer.batches[slot + 1] === lastSequence) return slot
  }
  return -1
}
