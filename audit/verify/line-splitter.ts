/** Longest line that is taken; a record may have some hundred kilobytes. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024

/** A line is longer than any record could be. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError'
}

/** Cuts a stream of bytes into lines, however the stream was cut before. */
export class LineSplitter {
  #rest: Buffer[] = []
  #restBytes = 0

  /** True when the last line had no line break. */
  get hasRest(): boolean {
    return this.#restBytes > 0
  }

  /** The lines that this piece ends, without their line breaks. Throws a LineTooLongError. */
  *lines(piece: Buffer): Generator<Buffer> {
    let start = 0
    for (;;) {
      const end = piece.indexOf(0x0a, start)
      if (end < 0) break
      const line = piece.subarray(start, end)
      start = end + 1
      if (this.#restBytes === 0) yield line
      else yield this.#joined(line)
    }
    if (start < piece.length) this.#keep(piece.subarray(start))
  }

  #joined(end: Buffer): Buffer {
    const line = Buffer.concat([...this.#rest, end])
    this.#rest = []
    this.#restBytes = 0
    return line
  }

  #keep(bytes: Buffer): void {
    this.#restBytes += bytes.length
    if (this.#restBytes > MAX_LINE_BYTES) {
      throw new LineTooLongError(`a line has more than ${MAX_LINE_BYTES} bytes`)
    }
    this.#rest.push(bytes)
  }
}
