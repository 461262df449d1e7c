/** Room for a piece of text and the line that ends beyond it. */
const BUFFER_BYTES = 96 * 1024
/** The most bytes of UTF-8 that one unit of a string takes. */
const BYTES_PER_UNIT = 3

const ZERO = 0x30
const MINUS = 0x2d

/**
 * Text as bytes of UTF-8, written into memory that is used again for every piece: a scrape of ten thousand
 * partitions is tens of megabytes of text, and as strings they would be garbage of that size.
 */
export class TextBuffer {
  readonly #own = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #bytes = this.#own
  #length = 0

  /** Bytes written and not taken. */
  get length(): number {
    return this.#length
  }

  /** What was written since the last time. Its bytes are good until the next is written. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#bytes = this.#own
    this.#length = 0
    return taken
  }

  text(text: string): void {
    this.#reserve(text.length * BYTES_PER_UNIT)
    this.#length += this.#bytes.write(text, this.#length)
  }

  /** Text that was made into bytes before. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** One character of ASCII. */
  character(code: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = code
  }

  /** As `String` writes it; whole numbers, as most are, without making a string. */
  number(value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.text(String(value))
      return
    }
    if (value < 0) this.character(MINUS)
    this.#digits(Math.abs(value))
  }

  #digits(value: number): void {
    let count = 1
    for (let bound = 10; value >= bound; bound *= 10) count++
    this.#reserve(count)
    const bytes = this.#bytes
    let at = this.#length + count
    this.#length = at
    for (let left = value; count > 0; count--) {
      const digit = left % 10
      bytes[--at] = ZERO + digit
      left = (left - digit) / 10
    }
  }

  /** Longer texts than the buffer was made for get memory of their own, which is not kept. */
  #reserve(sizeBytes: number): void {
    const needed = this.#length + sizeBytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
