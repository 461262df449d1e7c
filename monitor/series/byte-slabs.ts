const SLAB_BYTES = 64 * 1024

/**
 * Keeps small pieces of bytes side by side in few large buffers: a buffer of its own costs each of them more than what it holds. A
 * slab goes when the last of its pieces does, so they should be of one age.
 */
export class ByteSlabs {
  #slab = new Uint8Array(0)
  #used = 0

  /** A copy that stays as it is. */
  copyOf(bytes: Uint8Array): Uint8Array {
    if (bytes.length * 4 > SLAB_BYTES) return bytes.slice()
    if (this.#used + bytes.length > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB_BYTES)
      this.#used = 0
    }
    const copy = this.#slab.subarray(this.#used, this.#used + bytes.length)
    copy.set(bytes)
    this.#used += bytes.length
    return copy
  }
}
