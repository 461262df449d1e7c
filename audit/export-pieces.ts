/** Lines are handed on in pieces of about this size. */
const PIECE_BYTES = 256 * 1024

/** At most so many bytes of UTF-8 for each unit of a text. */
const BYTES_PER_UNIT = 3

/**
 * The lines of an export, written where they leave from: a long history is exported without a buffer,
 * or a text, for each of its records.
 */
export class ExportPieces {
  #piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
  #used = 0
  #full: Buffer[] = []

  /** Where so many bytes can be written in a row. Good until the next call. */
  reserve(sizeBytes: number): Buffer {
    if (sizeBytes > this.#piece.length - this.#used) {
      this.#close()
      if (sizeBytes > this.#piece.length) this.#piece = Buffer.allocUnsafeSlow(sizeBytes)
    }
    return this.#piece.subarray(this.#used, this.#used + sizeBytes)
  }

  /** So many of the reserved bytes were written. */
  commit(sizeBytes: number): void {
    this.#used += sizeBytes
  }

  writeBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes)
    this.commit(bytes.length)
  }

  writeText(text: string): void {
    this.commit(this.reserve(text.length * BYTES_PER_UNIT).write(text))
  }

  /** The pieces that are full, which belong to the caller from now on. */
  takeFull(): readonly Buffer[] {
    const full = this.#full
    this.#full = []
    return full
  }

  /** Everything that was written and not taken. */
  takeAll(): readonly Buffer[] {
    this.#close()
    return this.takeFull()
  }

  #close(): void {
    if (this.#used > 0) this.#full.push(this.#piece.subarray(0, this.#used))
    this.#piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
    this.#used = 0
  }
}
