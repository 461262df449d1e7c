const PAGE_BYTES = 256 * 1024

/** Bytes that wait for the disk, in pages: what was taken once leaves no large buffer behind, and nothing is copied to grow. */
export class PendingBytes {
  #pages: Buffer[] = []
  /** The last one, which may have room yet. */
  #page = Buffer.alloc(0)
  #used = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  add(bytes: Uint8Array): void {
    let from = 0
    while (from < bytes.length) {
      if (this.#used === this.#page.length) this.#begin()
      const part = bytes.subarray(from, from + this.#page.length - this.#used)
      this.#page.set(part, this.#used)
      this.#used += part.length
      from += part.length
    }
    this.#size += bytes.length
  }

  /** All of them; what is added later is not among them. */
  take(): readonly Uint8Array[] {
    const taken = [...this.#pages, this.#page.subarray(0, this.#used)]
    this.#pages = []
    this.#page = Buffer.alloc(0)
    this.#used = 0
    this.#size = 0
    return taken
  }

  #begin(): void {
    if (this.#used > 0) this.#pages.push(this.#page)
    this.#page = Buffer.allocUnsafeSlow(PAGE_BYTES)
    this.#used = 0
  }
}
