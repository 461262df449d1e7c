/** Somebody who reads bytes from outside and can be told to wait. */
export interface BudgetReader {
  /**
   * Whether it holds a part of a frame, and nothing but the rest of that frame is missing: it has no
   * other request under way and nobody keeps it from being read.
   */
  readonly mayOverdraw: boolean
  /** Called when reading may go on. */
  resume(): void
}

/**
 * Bounds the bytes of requests that are held in memory, over all connections
 * (`queued.max.request.bytes`). Bytes are counted when they have arrived, never when they are only
 * announced, so that nobody gets hold of the budget by announcing large frames and sending nothing.
 *
 * Half-read frames could then fill the budget so that none of them ever gets whole. Therefore the
 * reader that has waited longest may overdraw, with one frame: the right goes with the frame to its
 * request, and to the next reader when that gives its bytes back, or when the bytes held are below
 * the limit again. So they are at most the limit, one frame, and one chunk of each socket. Only a
 * reader that nothing can hold up gets the right, or it would keep it from all others meanwhile.
 */
export class ByteBudget {
  readonly limitBytes: number
  #usedBytes = 0
  /** Readers told to wait, in the order in which they were told. */
  readonly #waiting = new Set<BudgetReader>()
  /** Who may overdraw, or the request that did. */
  #overdrawn: object | undefined

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
    if (this.#usedBytes < this.limitBytes) this.#overdrawn = undefined
    this.#wake()
  }

  /** Whether `reader` may go on; else it is resumed later. */
  mayRead(reader: BudgetReader): boolean {
    if (this.#usedBytes < this.limitBytes || this.#overdrawn === reader) return true
    if (this.#overdrawn === undefined && reader.mayOverdraw) {
      this.#overdrawn = reader
      this.#waiting.delete(reader)
      return true
    }
    this.#waiting.add(reader)
    return false
  }

  /** The frame of `reader` is whole, and its bytes are those of `request` now. */
  frameWhole(reader: BudgetReader, request: object): void {
    if (this.#overdrawn === reader) this.#overdrawn = request
  }

  /** `holder`, a reader or a request, holds no bytes of a frame any more. */
  frameDone(holder: object): void {
    if (this.#overdrawn !== holder) return
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
        if (!reader.mayOverdraw) continue
        this.#overdrawn = reader
      }
      this.#waiting.delete(reader)
      reader.resume()
    }
  }
}
