/** Small, because a client that sends a byte of a frame and nothing more makes us keep it. */
const SMALLEST_BYTES = 4 * 1024
const LARGEST_KEPT_BYTES = 1024 * 1024
/** Memory that is kept for frames to come. */
const KEPT_BYTES = 8 * 1024 * 1024

/**
 * Buffers for frames that come in several pieces, shared by all connections and used again and
 * again: memory from outside the heap for every request would make the garbage collector run at the
 * rate of the bytes that arrive.
 */
export class FrameBuffers {
  readonly #kept = new Map<number, Buffer[]>()
  #keptBytes = 0

  /** A buffer of at least `sizeBytes`. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes > LARGEST_KEPT_BYTES) return Buffer.allocUnsafeSlow(sizeBytes)
    const classBytes = Math.max(SMALLEST_BYTES, 2 ** Math.ceil(Math.log2(sizeBytes)))
    const kept = this.#kept.get(classBytes)?.pop()
    if (kept === undefined) return Buffer.allocUnsafeSlow(classBytes)
    this.#keptBytes -= classBytes
    return kept
  }

  /** Nobody looks at `buffer`, which came from `take`, any more. */
  give(buffer: Buffer): void {
    const classBytes = buffer.length
    if (classBytes > LARGEST_KEPT_BYTES || this.#keptBytes + classBytes > KEPT_BYTES) return
    const kept = this.#kept.get(classBytes)
    if (kept) kept.push(buffer)
    else this.#kept.set(classBytes, [buffer])
    this.#keptBytes += classBytes
  }
}
