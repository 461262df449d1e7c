import {
  BATCH_HEADER_BYTES,
  baseOffset,
  baseTimestamp,
  batchSizeBytes,
  compressionType,
  isLogAppendTime,
  lastOffset,
  lastOffsetDelta,
  magic,
  maxTimestamp,
  recordCount,
} from './batch-header.ts'
import type { DecodeLimits } from './decompress-records.ts'
import { decompressRecords } from './decompress-records.ts'
import type { RecordHeader } from './kafka-record.ts'
import { RecordsError } from './records-error.ts'
import { isStorableTimestamp } from './timestamp.ts'

/** Length, attributes, two deltas, two lengths and a header count of one byte each. */
export const MIN_RECORD_BYTES = 7

/**
 * Walks the records of one batch without making an object for each: `next` moves on, the fields
 * tell where things are. For searches by time, compaction and checks, which look at many records
 * and keep few; `decodeRecords` is the comfortable form.
 *
 * Trusts nothing but that `batch` was cut along its length (`batchesIn`, `validateBatch`): every
 * fault is a RecordsError, `invalid-record` for records that contradict themselves. The checksum is
 * the caller's to check.
 */
export class RecordCursor {
  /** The record that `next` moved to. */
  offset = -1
  /** -1 for none; the append time for all when the batch has LogAppendTime. */
  timestampMs = -1
  /** -1 for a null key; likewise the value. */
  keyBytes = -1
  valueBytes = -1
  headerCount = 0

  readonly #payload: Buffer
  readonly #baseOffset: number
  readonly #lastOffsetDelta: number
  readonly #baseTimestamp: number
  readonly #appendTimeMs: number | null
  #left: number
  #position = 0
  #recordStart = 0
  #keyAt = 0
  #valueAt = 0
  #headersAt = 0

  constructor(batch: Uint8Array, limits: DecodeLimits = {}) {
    if (batch.length < BATCH_HEADER_BYTES || batchSizeBytes(batch) !== batch.length) {
      throw new RecordsError('corrupt', 'not exactly one batch')
    }
    if (magic(batch) !== 2) throw new RecordsError('unsupported-magic', `magic ${magic(batch)}`)
    const codec = compressionType(batch)
    if (codec === undefined) {
      throw new RecordsError('unsupported-compression', 'unknown compression type')
    }
    if (baseOffset(batch) < 0 || !Number.isSafeInteger(lastOffset(batch))) {
      throw new RecordsError('invalid-record', 'offsets begin at 0 and end before 2^53')
    }
    this.#left = recordCount(batch)
    if (this.#left < 0) throw new RecordsError('invalid-record', 'negative record count')
    this.#payload = decompressRecords(codec, batch.subarray(BATCH_HEADER_BYTES), limits)
    this.#baseOffset = baseOffset(batch)
    this.#lastOffsetDelta = lastOffsetDelta(batch)
    this.#baseTimestamp = baseTimestamp(batch)
    this.#appendTimeMs = isLogAppendTime(batch) ? maxTimestamp(batch) : null
    if (this.#left * MIN_RECORD_BYTES > this.#payload.length) {
      throw new RecordsError('invalid-record', `${this.#left} records do not fit`)
    }
  }

  /** Moves to the next record; false when there is none, and then all bytes are used up. */
  next(): boolean {
    if (this.#left === 0) {
      if (this.#position !== this.#payload.length) {
        throw new RecordsError('invalid-record', 'bytes are left after the last record')
      }
      return false
    }
    this.#left--
    const bodyBytes = this.#varint()
    const bodyAt = this.#position
    const end = bodyAt + bodyBytes
    if (bodyBytes < MIN_RECORD_BYTES - 1 || end > this.#payload.length) throw outOfBounds()
    this.#recordStart = bodyAt
    // The attributes of a record are unused.
    this.#position++
    this.#readTimestamp(this.#varint())
    this.#readOffset(this.#varint())
    this.keyBytes = this.#length(end)
    this.#keyAt = this.#position
    this.#position += Math.max(0, this.keyBytes)
    this.valueBytes = this.#length(end)
    this.#valueAt = this.#position
    this.#position += Math.max(0, this.valueBytes)
    this.#readHeaders(end)
    return true
  }

  /** A view of the batch, or of its decompressed records. */
  key(): Buffer | null {
    if (this.keyBytes < 0) return null
    return this.#payload.subarray(this.#keyAt, this.#keyAt + this.keyBytes)
  }

  value(): Buffer | null {
    if (this.valueBytes < 0) return null
    return this.#payload.subarray(this.#valueAt, this.#valueAt + this.valueBytes)
  }

  headers(): readonly RecordHeader[] {
    if (this.headerCount === 0) return NO_HEADERS
    const resumeAt = this.#position
    this.#position = this.#headersAt
    const headers: RecordHeader[] = []
    for (let index = 0; index < this.headerCount; index++) {
      const key = this.#slice(this.#varint())?.toString('utf8') ?? ''
      headers.push({ key, value: this.#slice(this.#varint()) })
    }
    this.#position = resumeAt
    return headers
  }

  /** What the record takes in the batch before compression, without its length field. */
  get sizeBytes(): number {
    return this.#position - this.#recordStart
  }

  #readTimestamp(delta: number): void {
    const timestampMs = this.#appendTimeMs ?? this.#baseTimestamp + delta
    if (!isStorableTimestamp(timestampMs)) {
      throw new RecordsError('invalid-timestamp', `no time: ${timestampMs}`)
    }
    this.timestampMs = timestampMs
  }

  #readOffset(delta: number): void {
    const offset = this.#baseOffset + delta
    if (delta > this.#lastOffsetDelta || offset <= this.offset || delta < 0) {
      throw new RecordsError('invalid-record', `offset delta ${delta} is out of place`)
    }
    this.offset = offset
  }

  /** Steps over the headers, checking that they fill the record exactly. */
  #readHeaders(end: number): void {
    const count = this.#varint()
    this.#headersAt = this.#position
    this.headerCount = count
    // Each header takes two lengths at least.
    if (count < 0 || count * 2 > end - this.#position) throw outOfBounds()
    for (let index = 0; index < count; index++) {
      const keyBytes = this.#length(end)
      if (keyBytes < 0) throw new RecordsError('invalid-record', 'header without a key')
      this.#position += keyBytes
      const valueBytes = this.#length(end)
      this.#position += Math.max(0, valueBytes)
    }
    if (this.#position !== end) throw outOfBounds()
  }

  /** A length that may be negative for null; its bytes end at `end` at the latest. */
  #length(end: number): number {
    const length = this.#varint()
    if (length > end - this.#position) throw outOfBounds()
    return length < 0 ? -1 : length
  }

  /** The next `length` bytes, known to be there; null when negative. */
  #slice(length: number): Buffer | null {
    if (length < 0) return null
    const start = this.#position
    this.#position += length
    return this.#payload.subarray(start, this.#position)
  }

  #varint(): number {
    const byte = this.#payload[this.#position++]
    if (byte === undefined) throw outOfBounds()
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    return this.#longVarint(byte)
  }

  /** Sign in the lowest bit of the first byte, then the magnitude: no value passes 2^53 unnoticed. */
  #longVarint(first: number): number {
    let magnitude = (first & 0x7f) >>> 1
    let scale = 0x40
    for (let more = first; more >= 0x80; scale *= 0x80) {
      const byte = this.#payload[this.#position++]
      if (byte === undefined) throw outOfBounds()
      magnitude += (byte & 0x7f) * scale
      more = byte
      if (magnitude > Number.MAX_SAFE_INTEGER) {
        throw new RecordsError('invalid-record', 'number does not fit in 53 bits')
      }
      if (scale > LARGEST_SCALE) throw new RecordsError('invalid-record', 'number has no end')
    }
    return (first & 1) === 0 ? magnitude : -magnitude - 1
  }
}

const NO_HEADERS: readonly RecordHeader[] = []
/** Scale of a varlong's tenth byte. */
const LARGEST_SCALE = 2 ** 62

function outOfBounds(): RecordsError {
  return new RecordsError('invalid-record', 'record reaches past its bounds')
}
