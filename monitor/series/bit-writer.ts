const FIRST_BYTES = 48

/** Bits one after the other, the highest of each byte first, in a buffer that grows. */
export class BitWriter {
  #bytes = new Uint8Array(FIRST_BYTES)
  #bits = 0

  get sizeBytes(): number {
    return (this.#bits + 7) >> 3
  }

  /** The lowest `count` bits of `value`, 0 to 32 of them. */
  write(value: number, count: number): void {
    if (this.#bits + count > this.#bytes.length * 8) this.#grow()
    let left = count
    while (left > 0) {
      const free = 8 - (this.#bits & 7)
      const taken = Math.min(free, left)
      const part = (value >>> (left - taken)) & ((1 << taken) - 1)
      const at = this.#bits >> 3
      this.#bytes[at] = (this.#bytes[at] as number) | (part << (free - taken))
      this.#bits += taken
      left -= taken
    }
  }

  /** What was written, not to be changed; it may be the buffer itself. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.sizeBytes)
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2)
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}
