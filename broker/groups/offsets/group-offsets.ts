import type { CommittedOffset } from '../port.ts'

/** The committed offsets of one group: only what is durable. */
export class GroupOffsets {
  readonly #byTopic = new Map<string, Map<number, CommittedOffset>>()
  #size = 0

  /** How many partitions have one. */
  get size(): number {
    return this.#size
  }

  get byTopic(): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.#byTopic
  }

  has(topic: string, partition: number): boolean {
    return this.#byTopic.get(topic)?.has(partition) ?? false
  }

  set(topic: string, partition: number, committed: CommittedOffset): void {
    let partitions = this.#byTopic.get(topic)
    if (!partitions) {
      partitions = new Map()
      this.#byTopic.set(topic, partitions)
    }
    if (!partitions.has(partition)) this.#size++
    partitions.set(partition, committed)
  }

  delete(topic: string, partition: number): void {
    const partitions = this.#byTopic.get(topic)
    if (!partitions?.delete(partition)) return
    this.#size--
    if (partitions.size === 0) this.#byTopic.delete(topic)
  }
}
