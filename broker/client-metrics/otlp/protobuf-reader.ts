/** The bytes are not protobuf, or not the message that they should be. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}

/** Wire types of protobuf's encoding. Groups (3, 4) are long gone, and refused. */
export const VARINT = 0
export const FIXED_64 = 1
export const LENGTH_DELIMITED = 2
export const FIXED_32 = 5

const MAX_VARINT_BYTES = 10

/**
 * Walks the fields of one message in place: `next` moves on to a field and answers its number, and
 * then exactly one of the readers takes its value. Nothing is allocated but a reader for each nested
 * message, and every fault is a ProtobufError.
 */
export class ProtobufReader {
  /** Wire type of the field that `next` moved to. */
  wireType = VARINT
  readonly #bytes: Buffer
  readonly #end: number
  #position: number

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#position = start
    this.#end = end
  }

  /** The number of the next field; 0 after the last. */
  next(): number {
    if (this.#position === this.#end) return 0
    const tag = this.#varint()
    this.wireType = tag % 8
    const field = Math.floor(tag / 8)
    if (field < 1 || field > 0x1fff_ffff) throw new ProtobufError(`there is no field ${field}`)
    return field
  }

  /** A whole number; one beyond 2^53 is not exact. */
  varint(): number {
    this.#expect(VARINT)
    return this.#varint()
  }

  /** A signed number of 64 bits; one beyond 2^53 is not exact. */
  sfixed64(): number {
    return Number(this.#bytes.readBigInt64LE(this.#take(FIXED_64, 8)))
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(FIXED_64, 8))
  }

  text(): string {
    const bytes = this.bytes()
    return bytes.toString('utf8')
  }

  /** A view. */
  bytes(): Buffer {
    this.#expect(LENGTH_DELIMITED)
    const length = this.#varint()
    const start = this.#advance(length)
    return this.#bytes.subarray(start, start + length)
  }

  message(): ProtobufReader {
    this.#expect(LENGTH_DELIMITED)
    const length = this.#varint()
    const start = this.#advance(length)
    return new ProtobufReader(this.#bytes, start, start + length)
  }

  /** Steps over the value of a field that is not wanted. */
  skip(): void {
    switch (this.wireType) {
      case VARINT:
        this.#varint()
        return
      case FIXED_64:
        this.#advance(8)
        return
      case LENGTH_DELIMITED:
        this.#advance(this.#varint())
        return
      case FIXED_32:
        this.#advance(4)
        return
      default:
        throw new ProtobufError(`there is no wire type ${this.wireType}`)
    }
  }

  #expect(wireType: number): void {
    if (this.wireType !== wireType) {
      throw new ProtobufError(`wire type ${this.wireType} where ${wireType} belongs`)
    }
  }

  #take(wireType: number, sizeBytes: number): number {
    this.#expect(wireType)
    return this.#advance(sizeBytes)
  }

  /** Answers where the stretch begins that was stepped over. */
  #advance(sizeBytes: number): number {
    const start = this.#position
    if (sizeBytes > this.#end - start) throw new ProtobufError('a field reaches past its message')
    this.#position = start + sizeBytes
    return start
  }

  #varint(): number {
    let value = 0
    let scale = 1
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      if (this.#position === this.#end) throw new ProtobufError('a number has no end')
      const byte = this.#bytes[this.#position++] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
    throw new ProtobufError('a number has more than ten bytes')
  }
}
