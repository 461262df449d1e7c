import type { JournalEvents } from './journal/journal.ts'
import type { Partition } from './partition/partition.ts'
import type { PendingFrame } from './pending-frame.ts'

export interface PublisherOptions {
  readonly onRoom: () => void
  /** Everything that is durable by now has been told. */
  readonly onSettled: () => void
  readonly onFailed: (error: Error) => void
}

/** Shows to readers, and tells to writers, what the journal has written and made durable. */
export class Publisher implements JournalEvents<PendingFrame> {
  readonly #options: PublisherOptions
  /** Logs whose readers can see more since the last `onSettled`. */
  #grown: Partition[] = []

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  onWritten(frame: PendingFrame): void {
    if (frame.wantsWritten) {
      for (const [index, partition] of frame.partitions.entries()) {
        if (partition.config.durability !== 'os' || partition.internal) continue
        this.#publish(partition, frame.endOffsets[index] ?? 0)
      }
    }
    if (frame.acks === 'written') frame.done()
  }

  onDurable(frame: PendingFrame): void {
    for (let index = 0; index < frame.partitions.length; index++) {
      const partition = frame.partitions[index]
      const endOffset = frame.endOffsets[index]
      if (partition === undefined || endOffset === undefined) continue
      if (endOffset > partition.durableOffset) partition.durableOffset = endOffset
      this.#publish(partition, endOffset)
    }
    frame.action?.(frame.sequence)
    frame.chunk.holds--
    frame.done()
  }

  onSettled(): void {
    const grown = this.#grown
    if (grown.length > 0) {
      this.#grown = []
      for (const partition of grown) partition.notifyGrowth()
    }
    this.#options.onRoom()
    this.#options.onSettled()
  }

  onRoom(): void {
    this.#options.onRoom()
  }

  onFailed(error: Error): void {
    this.#options.onFailed(error)
  }

  #publish(partition: Partition, offset: number): void {
    if (offset <= partition.highWatermark) return
    partition.publishHighWatermark(offset)
    if (partition.grown) return
    partition.grown = true
    this.#grown.push(partition)
  }
}
