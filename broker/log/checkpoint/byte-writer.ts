import { getInt53, putInt53 } from '../integers.ts'

/** Appends big-endian values to memory that grows. */
export class ByteWriter {
  #bytes: Buffer
  #view: DataView
  #length = 0

  constructor(capacityBytes = 64 * 1024) {
    this.#bytes = Buffer.alloc(capacityBytes)
    this.#view = viewOf(this.#bytes)
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  int8(value: number): void {
    const at = this.#take(1)
    this.#view.setInt8(at, value)
  }

  int16(value: number): void {
    const at = this.#take(2)
    this.#view.setInt16(at, value)
  }

  int32(value: number): void {
    const at = this.#take(4)
    this.#view.setInt32(at, value)
  }

  int53(value: number): void {
    const at = this.#take(8)
    putInt53(this.#view, at, value)
  }

  bigInt64(value: bigint): void {
    const at = this.#take(8)
    this.#view.setBigInt64(at, value)
  }

  raw(bytes: Uint8Array): void {
    const at = this.#take(bytes.length)
    this.#bytes.set(bytes, at)
  }

  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8')
    this.int32(bytes.length)
    this.raw(bytes)
  }

  /** May replace bytes and view: look at them only afterwards. */
  #take(sizeBytes: number): number {
    const at = this.#length
    this.#length += sizeBytes
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#length, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
      this.#view = viewOf(larger)
    }
    return at
  }
}

/** Reads what `ByteWriter` wrote; throws a RangeError past the end. */
export class ByteReader {
  readonly #bytes: Buffer
  readonly #view: DataView
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  int53(): number {
    return getInt53(this.#view, this.#take(8))
  }

  bigInt64(): bigint {
    return this.#view.getBigInt64(this.#take(8))
  }

  raw(sizeBytes: number): Buffer {
    const at = this.#take(sizeBytes)
    return this.#bytes.subarray(at, at + sizeBytes)
  }

  text(): string {
    return this.raw(this.int32()).toString('utf8')
  }

  /** A list with its count before it. */
  list<Item>(read: () => Item): Item[] {
    const count = this.int32()
    const items: Item[] = []
    for (let i = 0; i < count; i++) items.push(read())
    return items
  }

  #take(sizeBytes: number): number {
    const at = this.#at
    if (sizeBytes < 0 || at + sizeBytes > this.#bytes.length) throw new RangeError('past the end')
    this.#at += sizeBytes
    return at
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
