/** Small, because a hundred thousand small appends may wait. */
const SMALLEST_BYTES = 512
const LARGEST_KEPT_BYTES = 1024 * 1024
/** Memory that is kept for copies to come. */
const KEPT_BYTES = 8 * 1024 * 1024

/**
 * Memory for batches that wait for room, used again and again. Whoever waits does so because
 * hundreds of megabytes a second arrive; were their copies left to the garbage collector, it would
 * look through the whole heap several times a second at the very time when there is most to do.
 */
export class CopyBuffers {
  /** Idle buffers by their size, which is a power of two. */
  readonly #idle = new Map<number, Buffer[]>()
  #idleBytes = 0

  /** At least `sizeBytes`. Give it back when nobody looks at it any more. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes > LARGEST_KEPT_BYTES) return Buffer.allocUnsafeSlow(sizeBytes)
    const roundBytes = Math.max(SMALLEST_BYTES, 2 ** Math.ceil(Math.log2(sizeBytes)))
    const idle = this.#idle.get(roundBytes)?.pop()
    if (idle === undefined) return Buffer.allocUnsafeSlow(roundBytes)
    this.#idleBytes -= roundBytes
    return idle
  }

  give(buffer: Buffer): void {
    const { length } = buffer
    if (length > LARGEST_KEPT_BYTES || this.#idleBytes + length > KEPT_BYTES) return
    const idle = this.#idle.get(length)
    if (idle === undefined) this.#idle.set(length, [buffer])
    else idle.push(buffer)
    this.#idleBytes += length
  }
}
