import type { Uuid } from '../kit/index.ts'
import { uuidFromBytes, ZERO_UUID } from '../kit/index.ts'
import { ProtocolError } from './protocol-error.ts'

/** Kafka refuses longer strings on both sides, whatever the encoding of their length could hold. */
export const MAX_STRING_BYTES = 0x7fff

/**
 * The number that stands for Long.MAX_VALUE where an int64 is read as a number. Clients send it to
 * say "no limit" or "not known", and it is the only value beyond 2^53 with a meaning.
 */
export const MAX_LONG = Number.MAX_SAFE_INTEGER

/**
 * Default limit of what one message may allocate while it is decoded, in heap cells of 8 bytes.
 * About 128 MiB: enough for the metadata of half a million partitions.
 */
export const DEFAULT_MAX_CELLS = 16 * 1024 * 1024

export interface ReaderOptions {
  /** How many heap cells (8 bytes each) decoding may allocate for objects and arrays. */
  readonly maxCells?: number
}

/** More tagged fields than any struct has; a peer that sends more is not a Kafka client. */
const MAX_TAGGED_FIELDS = 512

const TWO_TO_32 = 0x1_0000_0000

/**
 * A cursor over received bytes in Kafka's primitive encodings. It never reads past its end: what is
 * missing is a `ProtocolError`. Byte fields are views into the buffer, so the buffer must stay
 * untouched as long as they are in use, and a small view keeps the whole buffer alive.
 */
export class Reader {
  readonly buffer: Buffer
  position: number
  /** Position after the last readable byte. */
  end: number
  private cellsLeft: number

  constructor(buffer: Buffer, position = 0, end = buffer.length, options: ReaderOptions = {}) {
    if (position < 0 || position > end || end > buffer.length) {
      throw new RangeError(`[${position}, ${end}) does not lie in ${buffer.length} bytes`)
    }
    this.buffer = buffer
    this.position = position
    this.end = end
    this.cellsLeft = options.maxCells ?? DEFAULT_MAX_CELLS
  }

  get remaining(): number {
    return this.end - this.position
  }

  int8(): number {
    return (this.byteAt(this.take(1)) << 24) >> 24
  }

  int16(): number {
    const at = this.take(2)
    return (((this.byteAt(at) << 8) | this.byteAt(at + 1)) << 16) >> 16
  }

  uint16(): number {
    const at = this.take(2)
    return (this.byteAt(at) << 8) | this.byteAt(at + 1)
  }

  int32(): number {
    return this.wordAt(this.take(4))
  }

  /** A whole int64; dearer than the number forms, for ids whose bits all count. */
  int64(): bigint {
    return this.buffer.readBigInt64BE(this.take(8))
  }

  /** An int64 that must be a safe integer; Long.MAX_VALUE becomes `MAX_LONG`. */
  safeInt64(): number {
    const at = this.take(8)
    const high = this.wordAt(at)
    const low = this.wordAt(at + 4) >>> 0
    if (high >= -0x20_0000 && high < 0x20_0000) {
      const value = high * TWO_TO_32 + low
      if (value >= Number.MIN_SAFE_INTEGER) return value
    }
    if (high === 0x7fff_ffff && low === 0xffff_ffff) return MAX_LONG
    throw new ProtocolError('64-bit integer outside of the safe range')
  }

  /**
   * An int64 whose values beyond 2^53 mean no more than "very far": they become the nearest safe
   * integer. Clients do ask for such times, for example by giving nanoseconds for milliseconds.
   */
  clampedInt64(): number {
    const at = this.take(8)
    const high = this.wordAt(at)
    if (high >= 0x20_0000) return Number.MAX_SAFE_INTEGER
    if (high < -0x20_0000) return Number.MIN_SAFE_INTEGER
    const value = high * TWO_TO_32 + (this.wordAt(at + 4) >>> 0)
    return Math.max(value, Number.MIN_SAFE_INTEGER)
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.take(8))
  }

  /** Any byte but zero is true, as in Kafka. */
  bool(): boolean {
    return this.byteAt(this.take(1)) !== 0
  }

  uuid(): Uuid {
    const at = this.take(16)
    // The zero id stands in every field that a client leaves empty; its text need not be built.
    if (this.wordAt(at) === 0 && this.wordAt(at + 12) === 0) {
      if (this.wordAt(at + 4) === 0 && this.wordAt(at + 8) === 0) return ZERO_UUID
    }
    return uuidFromBytes(this.buffer, at)
  }

  /** An unsigned varint of at most 32 bits. */
  unsignedVarint(): number {
    let byte = this.byteAt(this.take(1))
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      byte = this.byteAt(this.take(1))
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    byte = this.byteAt(this.take(1))
    if (byte > 0x0f) throw new ProtocolError('varint longer than 32 bits')
    return (value | (byte << 28)) >>> 0
  }

  /** Length of a string with an int16 in front; -1 for null. */
  stringLength(): number {
    const length = this.int16()
    if (length < -1) throw new ProtocolError(`negative length ${length}`)
    return length
  }

  /** Length of a compact string (one more than the length as a varint); -1 for null. */
  compactStringLength(): number {
    const length = this.unsignedVarint() - 1
    if (length > MAX_STRING_BYTES) throw new ProtocolError(`string of ${length} bytes`)
    return length
  }

  /** Length or count with an int32 in front; -1 for null. */
  length32(): number {
    const length = this.int32()
    if (length < -1) throw new ProtocolError(`negative length ${length}`)
    return length
  }

  /** Compact length or count; -1 for null. */
  compactLength(): number {
    return this.unsignedVarint() - 1
  }

  /** How many tagged fields stand at the end of a struct (KIP-482). */
  taggedFieldCount(): number {
    const count = this.unsignedVarint()
    if (count > MAX_TAGGED_FIELDS) throw new ProtocolError(`${count} tagged fields`)
    return count
  }

  /** The next `sizeBytes` bytes as UTF-8 text; what is not UTF-8 becomes U+FFFD. */
  text(sizeBytes: number): string {
    if (sizeBytes === 0) return ''
    const at = this.take(sizeBytes)
    return this.buffer.toString('utf8', at, at + sizeBytes)
  }

  /** The next `sizeBytes` bytes as a view, not a copy. */
  view(sizeBytes: number): Buffer {
    const at = this.take(sizeBytes)
    return this.buffer.subarray(at, at + sizeBytes)
  }

  skip(sizeBytes: number): void {
    this.take(sizeBytes)
  }

  /**
   * Called with the count that stands before an array, before anything is allocated for it: refuses
   * counts that the remaining bytes cannot hold and arrays beyond what one message may allocate.
   */
  expectElements(count: number, minimumElementBytes: number, cellsPerElement: number): void {
    if (count * minimumElementBytes > this.end - this.position) {
      throw new ProtocolError(`${count} elements announced, ${this.remaining} bytes left`)
    }
    this.cellsLeft -= count * cellsPerElement
    if (this.cellsLeft < 0) throw new ProtocolError('more elements than one message may have')
  }

  /** Throws unless every byte has been read. */
  expectEnd(): void {
    if (this.position !== this.end) throw new ProtocolError(`${this.remaining} bytes left over`)
  }

  /** Moves past `sizeBytes` bytes and answers where they begin. */
  private take(sizeBytes: number): number {
    const at = this.position
    const next = at + sizeBytes
    if (next > this.end) {
      throw new ProtocolError(`${sizeBytes} bytes expected, ${this.end - at} left`)
    }
    this.position = next
    return at
  }

  // `take` has checked the bounds; the casts only tell the compiler so.
  private byteAt(at: number): number {
    return this.buffer[at] as number
  }

  private wordAt(at: number): number {
    const buffer = this.buffer
    return (
      ((buffer[at] as number) << 24) |
      ((buffer[at + 1] as number) << 16) |
      ((buffer[at + 2] as number) << 8) |
      (buffer[at + 3] as number)
    )
  }
}
