import type { Uuid } from '../kit/index.ts'
import { ZERO_UUID } from '../kit/index.ts'
import { ProtocolError } from './protocol-error.ts'
import { MAX_LONG, MAX_STRING_BYTES } from './reader.ts'

/** Pieces from this size on are handed to the socket as they are; smaller ones are cheaper to copy. */
export const REFERENCE_MIN_BYTES = 2048

const FIRST_CHUNK_BYTES = 512
const MAX_CHUNK_BYTES = 64 * 1024
const TWO_TO_32 = 0x1_0000_0000
/** Up to this length a string is tried as ASCII, character by character, before it is measured. */
const SHORT_STRING_CHARACTERS = 48

/** The bytes of a records or bytes field: one piece, or several that are written one after another. */
export type ByteSource = Uint8Array | readonly Uint8Array[]

/**
 * Collects Kafka's primitive encodings as a list of buffers for one vectored write. Small values go
 * into chunks of the writer's own; large pieces are only referenced, so they must stay untouched
 * until the socket has taken them.
 */
export class Writer {
  private readonly pieces: Buffer[] = []
  /** Bytes in `pieces`, without what stands in the open chunk since `chunkStart`. */
  private closedBytes = 0
  private chunk: Buffer
  private chunkStart = 0
  private position = 0

  constructor(firstChunkBytes: number = FIRST_CHUNK_BYTES) {
    this.chunk = Buffer.allocUnsafe(firstChunkBytes)
  }

  /** Everything written so far. */
  get sizeBytes(): number {
    return this.closedBytes + this.position - this.chunkStart
  }

  int8(value: number): void {
    this.checkInteger(value, -0x80, 0x7f)
    const at = this.claim(1)
    this.chunk[at] = value
  }

  int16(value: number): void {
    this.checkInteger(value, -0x8000, 0x7fff)
    const at = this.claim(2)
    this.chunk[at] = value >> 8
    this.chunk[at + 1] = value
  }

  uint16(value: number): void {
    this.checkInteger(value, 0, 0xffff)
    const at = this.claim(2)
    this.chunk[at] = value >> 8
    this.chunk[at + 1] = value
  }

  int32(value: number): void {
    if ((value | 0) !== value) this.checkInteger(value, -0x8000_0000, 0x7fff_ffff)
    const at = this.claim(4)
    this.putWord(at, value)
  }

  int64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new ProtocolError(`${value} is not an int64`)
    const at = this.claim(8)
    this.chunk.writeBigInt64BE(value, at)
  }

  /** A safe integer as an int64; `MAX_LONG` is written as Long.MAX_VALUE. */
  safeInt64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new ProtocolError(`${value} is not a safe integer`)
    const at = this.claim(8)
    if (value === MAX_LONG) {
      this.putWord(at, 0x7fff_ffff)
      this.putWord(at + 4, -1)
      return
    }
    const high = Math.floor(value / TWO_TO_32)
    this.putWord(at, high)
    this.putWord(at + 4, value - high * TWO_TO_32)
  }

  float64(value: number): void {
    const at = this.claim(8)
    this.chunk.writeDoubleBE(value, at)
  }

  bool(value: boolean): void {
    const at = this.claim(1)
    this.chunk[at] = value ? 1 : 0
  }

  uuid(value: Uuid): void {
    const at = this.claim(16)
    if (value === ZERO_UUID) {
      this.chunk.fill(0, at, at + 16)
      return
    }
    if (value.length !== 22 || this.chunk.write(value, at, 16, 'base64url') !== 16) {
      throw new ProtocolError(`not a 128-bit id: ${JSON.stringify(value)}`)
    }
  }

  unsignedVarint(value: number): void {
    let rest = value >>> 0
    if (rest !== value) throw new ProtocolError(`${value} is not an unsigned 32-bit integer`)
    let at = this.reserve(5)
    while (rest >= 0x80) {
      this.chunk[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.chunk[at++] = rest
    this.position = at
  }

  /** Text behind an int16 length. */
  string(value: string): void {
    if (this.shortAscii(value, 2)) return
    const sizeBytes = stringBytes(value)
    this.int16(sizeBytes)
    this.putText(value, sizeBytes)
  }

  /** Text behind one more than its length as a varint. */
  compactString(value: string): void {
    if (this.shortAscii(value, 1)) return
    const sizeBytes = stringBytes(value)
    this.unsignedVarint(sizeBytes + 1)
    this.putText(value, sizeBytes)
  }

  /** Bytes behind an int32 length. */
  bytes(source: ByteSource): void {
    this.int32(sourceBytes(source))
    this.source(source)
  }

  /** Bytes behind one more than their length as a varint. */
  compactBytes(source: ByteSource): void {
    this.unsignedVarint(sourceBytes(source) + 1)
    this.source(source)
  }

  /** Bytes as they are: copied when small, referenced when large. */
  raw(piece: Uint8Array): void {
    const sizeBytes = piece.length
    if (sizeBytes < REFERENCE_MIN_BYTES) {
      const at = this.claim(sizeBytes)
      this.chunk.set(piece, at)
      return
    }
    this.closePiece()
    this.pushPiece(Buffer.isBuffer(piece) ? piece : viewOf(piece))
  }

  /** Overwrites an int32 that was written at the very beginning, for example a frame's length. */
  patchFirstInt32(value: number): void {
    const first = this.pieces[0]
    if (first !== undefined) first.writeInt32BE(value, 0)
    else this.chunk.writeInt32BE(value, 0)
  }

  /** What was written, in order, ready for a vectored write. The writer is used up by this. */
  finish(): Buffer[] {
    this.closePiece()
    return this.pieces
  }

  private source(source: ByteSource): void {
    if (isOnePiece(source)) {
      this.raw(source)
      return
    }
    for (const piece of source) this.raw(piece)
  }

  /** Writes text of at most 48 ASCII characters with its length; false, and nothing written, if it is not. */
  private shortAscii(value: string, lengthBytes: 1 | 2): boolean {
    const length = value.length
    if (length > SHORT_STRING_CHARACTERS) return false
    const start = this.reserve(lengthBytes + length)
    const chunk = this.chunk
    let at = start + lengthBytes
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) return false
      chunk[at++] = code
    }
    if (lengthBytes === 1) {
      chunk[start] = length + 1
    } else {
      chunk[start] = 0
      chunk[start + 1] = length
    }
    this.position = at
    return true
  }

  private putText(value: string, sizeBytes: number): void {
    const at = this.claim(sizeBytes)
    this.chunk.write(value, at, sizeBytes, 'utf8')
  }

  private putWord(at: number, word: number): void {
    const chunk = this.chunk
    chunk[at] = word >>> 24
    chunk[at + 1] = word >>> 16
    chunk[at + 2] = word >>> 8
    chunk[at + 3] = word
  }

  private checkInteger(value: number, min: number, max: number): void {
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new ProtocolError(`${value} is not a whole number in [${min}, ${max}]`)
    }
  }

  /** Makes room for `sizeBytes`, moves past them and answers where they begin in the chunk. */
  private claim(sizeBytes: number): number {
    const at = this.reserve(sizeBytes)
    this.position = at + sizeBytes
    return at
  }

  /** Makes room for `sizeBytes` and answers the position; a full chunk is closed, never copied. */
  private reserve(sizeBytes: number): number {
    if (this.position + sizeBytes > this.chunk.length) {
      const nextBytes = Math.min(this.chunk.length * 2, MAX_CHUNK_BYTES)
      this.closePiece()
      this.chunk = Buffer.allocUnsafe(Math.max(nextBytes, sizeBytes))
      this.chunkStart = 0
      this.position = 0
    }
    return this.position
  }

  private closePiece(): void {
    if (this.position === this.chunkStart) return
    this.pushPiece(this.chunk.subarray(this.chunkStart, this.position))
    this.chunkStart = this.position
  }

  private pushPiece(piece: Buffer): void {
    this.pieces.push(piece)
    this.closedBytes += piece.length
  }
}

/** Length of a source in bytes. */
export function sourceBytes(source: ByteSource): number {
  if (isOnePiece(source)) return source.length
  let total = 0
  for (const piece of source) total += piece.length
  return total
}

function isOnePiece(source: ByteSource): source is Uint8Array {
  return source instanceof Uint8Array
}

function stringBytes(value: string): number {
  const sizeBytes = Buffer.byteLength(value, 'utf8')
  if (sizeBytes > MAX_STRING_BYTES) throw new ProtocolError(`string of ${sizeBytes} bytes`)
  return sizeBytes
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
