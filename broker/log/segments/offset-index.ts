import { putInt53 } from '../integers.ts'

/** Bytes of an entry in the file: base offset, position, highest timestamp so far; big-endian int64 each. */
export const INDEX_ENTRY_BYTES = 24
const FIELDS = 3

/**
 * Some batches of a segment: where they begin, and the highest timestamp of all batches up to and
 * including each. Sparse, and only a help: rebuilt from the segment whenever the file is missing
 * or does not make sense, therefore never synced.
 */
export class SegmentIndex {
  #entries: Float64Array
  #count: number

  constructor(capacity = 16) {
    this.#entries = new Float64Array(capacity * FIELDS)
    this.#count = 0
  }

  get count(): number {
    return this.#count
  }

  get sizeBytes(): number {
    return this.#entries.byteLength
  }

  get lastPosition(): number {
    return this.#count === 0 ? -1 : this.position(this.#count - 1)
  }

  add(baseOffset: number, position: number, maxTimestampMs: number): void {
    if ((this.#count + 1) * FIELDS > this.#entries.length) {
      const larger = new Float64Array(Math.max(16 * FIELDS, this.#entries.length * 2))
      larger.set(this.#entries)
      this.#entries = larger
    }
    const at = this.#count++ * FIELDS
    this.#entries[at] = baseOffset
    this.#entries[at + 1] = position
    this.#entries[at + 2] = maxTimestampMs
  }

  /** Adds the entries of another one that lie behind those that are here. */
  addAll(other: SegmentIndex): void {
    for (let entry = 0; entry < other.count; entry++) {
      if (other.position(entry) <= this.lastPosition) continue
      this.add(other.baseOffset(entry), other.position(entry), other.maxTimestampMs(entry))
    }
  }

  /** Position of the last entry at or below `offset`; 0 when there is none. */
  positionOf(offset: number): number {
    const entry = this.#lastWhere(0, (value) => value <= offset)
    return entry < 0 ? 0 : this.position(entry)
  }

  /** Position from which to look for the first batch with a timestamp >= `timestampMs`. */
  positionOfTime(timestampMs: number): number {
    const entry = this.#lastWhere(2, (value) => value < timestampMs)
    return entry < 0 ? 0 : this.position(entry)
  }

  baseOffset(entry: number): number {
    return this.#entries[entry * FIELDS] as number
  }

  position(entry: number): number {
    return this.#entries[entry * FIELDS + 1] as number
  }

  maxTimestampMs(entry: number): number {
    return this.#entries[entry * FIELDS + 2] as number
  }

  /** The entries from `from` on as bytes of the index file. */
  encode(from: number): Buffer {
    const bytes = Buffer.allocUnsafe((this.#count - from) * INDEX_ENTRY_BYTES)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let entry = from; entry < this.#count; entry++) {
      const at = (entry - from) * INDEX_ENTRY_BYTES
      for (let field = 0; field < FIELDS; field++) {
        putInt53(view, at + field * 8, this.#entries[entry * FIELDS + field] as number)
      }
    }
    return bytes
  }

  #lastWhere(field: number, holds: (value: number) => boolean): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >> 1
      if (holds(this.#entries[middle * FIELDS + field] as number)) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
