import { outputTooLarge } from './compression-error.ts'

/**
 * Collects the blocks of one stream in one piece of memory. The first block is kept as it is, since
 * most streams have no other; later ones are copied, so that a flood of tiny blocks costs no more
 * than its bytes.
 */
export class Output {
  readonly #maxBytes: number
  #memory: Buffer = Buffer.alloc(0)
  #sizeBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Throws when `moreBytes` would pass the cap: for sizes that the data declares. */
  expect(moreBytes: number): void {
    if (this.#sizeBytes + moreBytes > this.#maxBytes) throw outputTooLarge(this.#maxBytes)
  }

  append(block: Buffer): void {
    this.expect(block.length)
    if (this.#sizeBytes === 0) {
      this.#memory = block
    } else {
      this.#grow(this.#sizeBytes + block.length)
      block.copy(this.#memory, this.#sizeBytes)
    }
    this.#sizeBytes += block.length
  }

  /** The bytes from `start` on; good until the next append. */
  from(start: number): Buffer {
    return this.#memory.subarray(start, this.#sizeBytes)
  }

  /** A block that was given is always full, so the first to follow it moves both to memory of our own. */
  #grow(neededBytes: number): void {
    if (neededBytes <= this.#memory.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(neededBytes, 2 * this.#memory.length))
    this.#memory.copy(grown, 0, 0, this.#sizeBytes)
    this.#memory = grown
  }
}
