import { SEGMENT_RECORDS } from './columns.ts'
import type { GramRange } from './grams.ts'
import { eachGram, GRAMS } from './grams.ts'

/** Marks which records of a segment are still in question: one byte a record, 0 or 1. */
export type Mask = Uint8Array

/** Which records of a segment have one gram. */
export interface PostingList {
  readonly gram: number
  readonly count: number
  /** Sets the record's bytes in `mask`. */
  addTo(mask: Mask): Promise<void> | void
}

/**
 * Which records of the growing segment have which grams. One chain for each gram through two arrays
 * of numbers: a list object for each of some ten thousand grams would cost more than the postings.
 */
export class PostingBuilder {
  /** One more than the place of the gram's newest posting; 0 for none. */
  readonly #heads = new Uint32Array(GRAMS)
  readonly #counts = new Uint16Array(GRAMS)
  #records = new Uint16Array(64 * 1024)
  #older = new Uint32Array(64 * 1024)
  #used = 0

  /** Adds the next record's text. `record` is its place in the segment. */
  add(record: number, text: string): void {
    eachGram(text, (gram) => this.#add(record, gram))
  }

  lists({ low, high }: GramRange): PostingList[] {
    const found: PostingList[] = []
    for (let gram = low; gram <= high; gram++) {
      const count = this.#counts[gram] ?? 0
      if (count > 0) found.push({ gram, count, addTo: (mask) => this.#addTo(gram, mask) })
    }
    return found
  }

  /** Places of the records that have the gram, ascending. */
  recordsOf(gram: number): Uint16Array {
    const records = new Uint16Array(this.#counts[gram] ?? 0)
    let at = records.length
    for (let place = this.#heads[gram] ?? 0; place > 0; place = this.#older[place - 1] ?? 0) {
      records[--at] = this.#records[place - 1] ?? 0
    }
    return records
  }

  /** All grams that some record has, ascending. */
  *grams(): Generator<number> {
    for (let gram = 0; gram < GRAMS; gram++) if (this.#heads[gram] !== 0) yield gram
  }

  #add(record: number, gram: number): void {
    const newest = this.#heads[gram] ?? 0
    if (newest > 0 && this.#records[newest - 1] === record) return
    if (this.#used === this.#records.length) this.#grow()
    this.#records[this.#used] = record
    this.#older[this.#used] = newest
    this.#used++
    this.#heads[gram] = this.#used
    this.#counts[gram] = (this.#counts[gram] ?? 0) + 1
  }

  #grow(): void {
    const records = new Uint16Array(this.#records.length * 2)
    records.set(this.#records)
    this.#records = records
    const older = new Uint32Array(this.#older.length * 2)
    older.set(this.#older)
    this.#older = older
  }

  #addTo(gram: number, mask: Mask): void {
    for (const record of this.recordsOf(gram)) mask[record] = 1
  }
}

/** A list on disk: nothing when all records have the gram, a bit each when many have, else the gaps. */
export function encodePostings(records: Uint16Array, count: number): Buffer {
  if (records.length === count) return Buffer.alloc(0)
  if (isDense(records.length, count)) {
    const bits = Buffer.alloc(Math.ceil(count / 8))
    for (const record of records) bits[record >> 3] = (bits[record >> 3] ?? 0) | (1 << (record & 7))
    return bits
  }
  const bytes = Buffer.alloc(records.length * 2)
  let at = 0
  let before = 0
  for (const record of records) {
    const gap = record - before
    before = record
    if (gap >= 0x80) bytes[at++] = 0x80 | (gap >> 7)
    bytes[at++] = gap & 0x7f
  }
  return bytes.subarray(0, at)
}

/** Sets the bytes of the records of an encoded list with `length` entries. */
export function addPostings(bytes: Uint8Array, length: number, count: number, mask: Mask): void {
  if (length === count) mask.fill(1, 0, count)
  else if (isDense(length, count)) {
    for (let record = 0; record < count; record++) {
      if (((bytes[record >> 3] ?? 0) >> (record & 7)) & 1) mask[record] = 1
    }
  } else {
    let record = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0
      record += byte & 0x80 ? ((byte & 0x7f) << 7) | (bytes[++at] ?? 0) : byte
      if (record < SEGMENT_RECORDS) mask[record] = 1
    }
  }
}

/** Whether a bit for each record takes less than the gaps would. */
function isDense(length: number, count: number): boolean {
  return length * 8 >= count
}
