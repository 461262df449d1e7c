import {
  BATCH_HEADER_BYTES,
  baseOffset,
  batchSizeBytes,
  computeCrc,
  crc,
  lastOffset,
  magic,
} from '../batch.ts'

/** Something in the bytes of a log is not as it was written; the message says where. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError'
}

export interface BatchStreamOptions {
  /** How errors call what is read. */
  readonly name: string
  readonly sizeBytes: number
  /** Offsets of the batches lie from `baseOffset` up to `nextOffset`, which is none of them. */
  readonly baseOffset: number
  readonly nextOffset: number
  /** Each batch that is sound, where it begins in `bytes`, and where in the whole. */
  readonly onBatch?: (bytes: Buffer, at: number, position: number) => void
}

/**
 * Checks the bytes of a segment as they pass by in pieces of any size: that they are whole batches
 * in the order of their offsets, each with its checksum. Throws a DamagedError at the first that is not.
 */
export class BatchStream {
  readonly #options: BatchStreamOptions
  /** The beginning of a batch whose rest comes with the next piece. */
  #carry = Buffer.alloc(0)
  #carriedBytes = 0
  #wantedBytes = BATCH_HEADER_BYTES
  /** Where the next batch begins. */
  #position = 0
  #offset: number

  constructor(options: BatchStreamOptions) {
    this.#options = options
    this.#offset = options.baseOffset
  }

  push(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#carriedBytes === 0) at = this.#takeWhole(bytes, at)
      at = this.#takePart(bytes, at)
    }
  }

  /** There is no more. */
  end(): void {
    const { sizeBytes } = this.#options
    if (this.#position !== sizeBytes) this.#refuse('the file ends in the middle of a batch')
  }

  /** Batches that lie in `bytes` with all that they have; answers where the first other one begins. */
  #takeWhole(bytes: Buffer, from: number): number {
    let at = from
    while (at + BATCH_HEADER_BYTES <= bytes.length) {
      const sizeBytes = this.#checkHeader(bytes, at)
      if (at + sizeBytes > bytes.length) break
      this.#takeBatch(bytes, at, sizeBytes)
      at += sizeBytes
    }
    return at
  }

  #takePart(bytes: Buffer, at: number): number {
    const count = Math.min(this.#wantedBytes - this.#carriedBytes, bytes.length - at)
    if (count === 0) return at
    this.#reserve(this.#wantedBytes)
    bytes.copy(this.#carry, this.#carriedBytes, at, at + count)
    this.#carriedBytes += count
    if (this.#carriedBytes === BATCH_HEADER_BYTES) {
      this.#wantedBytes = this.#checkHeader(this.#carry, 0)
    }
    if (this.#carriedBytes === this.#wantedBytes) {
      this.#takeBatch(this.#carry, 0, this.#wantedBytes)
      this.#carriedBytes = 0
      this.#wantedBytes = BATCH_HEADER_BYTES
    }
    return at + count
  }

  #reserve(sizeBytes: number): void {
    if (this.#carry.length >= sizeBytes) return
    const larger = Buffer.alloc(sizeBytes)
    this.#carry.copy(larger, 0, 0, this.#carriedBytes)
    this.#carry = larger
  }

  /** Answers the size of the batch. */
  #checkHeader(bytes: Buffer, at: number): number {
    const sizeBytes = batchSizeBytes(bytes, at)
    const isBatch = magic(bytes, at) === 2 && sizeBytes >= BATCH_HEADER_BYTES
    if (!isBatch) this.#refuse('there is no batch')
    if (this.#position + sizeBytes > this.#options.sizeBytes) {
      this.#refuse('a batch is longer than the file')
    }
    const base = baseOffset(bytes, at)
    if (base < this.#offset || lastOffset(bytes, at) >= this.#options.nextOffset) {
      this.#refuse(`a batch with offset ${base} does not belong there`)
    }
    return sizeBytes
  }

  #takeBatch(bytes: Buffer, at: number, sizeBytes: number): void {
    if (computeCrc(bytes, at) !== crc(bytes, at)) this.#refuse('a batch does not have its checksum')
    this.#options.onBatch?.(bytes, at, this.#position)
    this.#offset = lastOffset(bytes, at) + 1
    this.#position += sizeBytes
  }

  #refuse(what: string): never {
    throw new DamagedError(`${what} at position ${this.#position} of ${this.#options.name}`)
  }
}
