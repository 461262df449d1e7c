import type { Uuid } from '../../../kit/index.ts'
import type { Partition } from './partition.ts'

/** All logs, found by topic id and partition number. */
export class PartitionTable {
  readonly #topics = new Map<Uuid, (Partition | undefined)[]>()

  find(topicId: Uuid, partition: number): Partition | undefined {
    return this.#topics.get(topicId)?.[partition]
  }

  add(partition: Partition): void {
    let topic = this.#topics.get(partition.topicId)
    if (topic === undefined) {
      topic = []
      this.#topics.set(partition.topicId, topic)
    }
    topic[partition.partition] = partition
  }

  ofTopic(topicId: Uuid): readonly Partition[] {
    return (this.#topics.get(topicId) ?? []).filter((partition) => partition !== undefined)
  }

  deleteTopic(topicId: Uuid): void {
    this.#topics.delete(topicId)
  }

  get count(): number {
    let count = 0
    for (const topic of this.#topics.values()) {
      for (const partition of topic) if (partition !== undefined) count++
    }
    return count
  }

  /** Segment files of all logs. */
  get segmentCount(): number {
    let count = 0
    for (const topic of this.#topics.values()) {
      for (const partition of topic) count += partition?.segments.length ?? 0
    }
    return count
  }

  all(): IterableIterator<Partition> {
    return new AllPartitions(this.#topics.values())
  }
}

type MaybePartitions = readonly (Partition | undefined)[]

/**
 * One partition after the other. All its answers are the same object, with which whoever iterates is done before he
 * asks again: those of a generator are a megabyte of garbage, and half a millisecond, each time that ten thousand
 * partitions are looked at, as many families of metrics do in one scrape.
 */
class AllPartitions implements IterableIterator<Partition, undefined> {
  readonly #topics: Iterator<MaybePartitions, undefined>
  #topic: MaybePartitions = []
  #number = 0
  #answer: IteratorYieldResult<Partition> | undefined

  constructor(topics: Iterator<MaybePartitions, undefined>) {
    this.#topics = topics
  }

  [Symbol.iterator](): this {
    return this
  }

  next(): IteratorResult<Partition, undefined> {
    for (;;) {
      while (this.#number < this.#topic.length) {
        const partition = this.#topic[this.#number++]
        if (partition !== undefined) return this.#answerWith(partition)
      }
      const { done, value } = this.#topics.next()
      if (done) return { done, value: undefined }
      this.#topic = value
      this.#number = 0
    }
  }

  #answerWith(value: Partition): IteratorResult<Partition, undefined> {
    if (this.#answer) this.#answer.value = value
    else this.#answer = { done: false, value }
    return this.#answer
  }
}
