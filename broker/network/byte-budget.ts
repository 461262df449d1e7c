/** Somebody who reads bytes from outside and can be told to wait. */
export interface BudgetReader {
  /** Whether it holds a part of a frame. */
  readonly isMidFrame: boolean
  /** Called when reading may go on. */
  resume(): void
}

/**
 * Bounds the bytes of requests that are held in memory, over all connections
 * (`queued.max.request.bytes`). Bytes are counted when they have arrived, never when they are only
 * announced, so that nobody gets hold of the budget by announcing large frames and sending nothing.
 *
 * Half-read frames could then fill the budget so that none of them ever gets whole. Therefore the
 * reader that has waited longest may go past the limit until its frame is whole: the bytes held are
 * at most the limit, one frame, and one chunk of each socket.
 */
export class ByteBudget {
  readonly limitBytes: number
  #usedBytes = 0
  /** Readers told to wait, in the order in which they were told. */
  readonly #waiting = new Set<BudgetReader>()
  #overdrawn: BudgetReader | undefined

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  get waitingCount(): number {
    return this.#waiting.size
  }

  take(sizeBytes: number): void {
    this.#usedBytes += sizeBytes
  }

  give(sizeBytes: number): void {
    this.#usedBytes -= sizeBytes
    this.#wake()
  }

  /** Whether `reader` may go on; else it is resumed later. */
  mayRead(reader: BudgetReader): boolean {
    if (this.#usedBytes < this.limitBytes || this.#overdrawn === reader) return true
    if (this.#overdrawn === undefined && reader.isMidFrame) {
      this.#overdrawn = reader
      return true
    }
    this.#waiting.add(reader)
    return false
  }

  /** `reader` has no half-read frame any more. */
  frameDone(reader: BudgetReader): void {
    if (this.#overdrawn !== reader) return
    this.#overdrawn = undefined
    this.#wake()
  }

  /** `reader` is gone. */
  leave(reader: BudgetReader): void {
    this.#waiting.delete(reader)
    this.frameDone(reader)
  }

  #wake(): void {
    if (this.#waiting.size === 0) return
    for (const reader of [...this.#waiting]) {
      if (this.#usedBytes >= this.limitBytes) {
        if (this.#overdrawn !== undefined) return
        if (!reader.isMidFrame) continue
        this.#overdrawn = reader
      }
      this.#waiting.delete(reader)
      reader.resume()
    }
  }
}
