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

  *all(): Generator<Partition> {
    for (const topic of this.#topics.values()) {
      for (const partition of topic) if (partition !== undefined) yield partition
    }
  }
}
