/** The bytes do not say what they should: they are damaged, cut short, or of another format. */
export class CorruptBytesError extends Error {
  override readonly name: string = 'CorruptBytesError'
}

/** Reads what a ByteWriter wrote; throws a CorruptBytesError instead of reading behind the end. */
export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  varint(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined || factor > Number.MAX_SAFE_INTEGER)
        throw new CorruptBytesError('bad varint')
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 0x80
    }
  }

  /** Not more than there are bytes left, so that a wrong count cannot make anybody allocate much. */
  count(): number {
    const count = this.varint()
    if (count > this.#bytes.length - this.#at) throw new CorruptBytesError(`a count of ${count}`)
    return count
  }

  double(): number {
    this.#need(8)
    const value = this.#bytes.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  text(): string {
    return this.bytes(this.varint()).toString()
  }

  bytes(length: number): Buffer {
    this.#need(length)
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return bytes
  }

  #need(length: number): void {
    if (this.#at + length > this.#bytes.length) throw new CorruptBytesError('cut short')
  }
}
