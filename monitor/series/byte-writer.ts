/** Bytes that grow as they are written: numbers little-endian, lengths and differences as varints. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(1024)
  #size = 0

  get size(): number {
    return this.#size
  }

  varint(value: number): void {
    this.#reserve(10)
    let left = value
    while (left >= 0x80) {
      this.#bytes[this.#size++] = (left % 0x80) | 0x80
      left = Math.floor(left / 0x80)
    }
    this.#bytes[this.#size++] = left
  }

  double(value: number): void {
    this.#reserve(8)
    this.#size = this.#bytes.writeDoubleLE(value, this.#size)
  }

  text(text: string): void {
    const sizeBytes = Buffer.byteLength(text)
    this.varint(sizeBytes)
    this.#reserve(sizeBytes)
    this.#size += this.#bytes.write(text, this.#size)
  }

  /** Those from `from` up to `to`. */
  part(bytes: Buffer, from: number, to: number): void {
    this.#reserve(to - from)
    this.#size += bytes.copy(this.#bytes, this.#size, from, to)
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#size)
    this.#size += bytes.length
  }

  /** What was written; valid until the next write. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#size)
    this.#size = 0
    return taken
  }

  #reserve(bytes: number): void {
    if (this.#size + bytes <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#size + bytes))
    this.#bytes.copy(grown, 0, 0, this.#size)
    this.#bytes = grown
  }
}
