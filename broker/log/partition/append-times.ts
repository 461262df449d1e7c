import type { AppendSpan } from '../port.ts'

/** Numbers per entry of the index below, in this order. */
const STRIDE = 4
const FIRST_OFFSET = 0
const FIRST_MS = 1
const LAST_MS = 2
const BYTES_BEFORE = 3

/** Appends within so much time share an entry: times are known to within it. */
const ENTRY_MS = 500
const FIRST_CAPACITY = 8
const NO_ENTRIES = new Float64Array(0)
const MAX_CAPACITY = 8192

/** Bounds what the indexes of all partitions take together. */
export class AppendTimesBudget {
  #freeEntries: number

  /** An entry takes 32 bytes. What each partition has from the start is not counted. */
  constructor(limitEntries = 400_000) {
    this.#freeEntries = limitEntries
  }

  take(entries: number): boolean {
    if (entries > this.#freeEntries) return false
    this.#freeEntries -= entries
    return true
  }

  give(entries: number): void {
    this.#freeEntries += entries
  }
}

/**
 * When the records of one partition were appended, and how many bytes came before each, since the
 * start of the process. One append costs two comparisons; when there is no room for more, entries of
 * the older half are joined in pairs, so that what is old is known less exactly than what is new.
 */
export class AppendTimes {
  readonly #budget: AppendTimesBudget
  #entries = NO_ENTRIES
  #count = 0
  #nextOffset = -1
  #totalBytes = 0

  constructor(budget: AppendTimesBudget) {
    this.#budget = budget
  }

  /** A batch of the offsets from `baseOffset` to before `nextOffset` is appended now. */
  note(baseOffset: number, nextOffset: number, sizeBytes: number, nowMs: number): void {
    const last = (this.#count - 1) * STRIDE
    if (last >= 0 && nowMs - this.#get(last + FIRST_MS) < ENTRY_MS) {
      // A clock that goes back does not make a record older than the one before it.
      if (nowMs > this.#get(last + LAST_MS)) this.#entries[last + LAST_MS] = nowMs
    } else {
      this.#add(baseOffset, nowMs)
    }
    this.#nextOffset = nextOffset
    this.#totalBytes += sizeBytes
  }

  /** What was noted from `offset` on is not in the log after all. */
  cut(offset: number): void {
    if (offset >= this.#nextOffset) return
    this.#totalBytes -= this.bytesFrom(offset) ?? 0
    while (this.#count > 0 && this.#get((this.#count - 1) * STRIDE) >= offset) this.#count--
    this.#nextOffset = offset
  }

  /** When the record at `offset` was appended; undefined when that was before the first entry, or not yet. */
  spanOf(offset: number): AppendSpan | undefined {
    const entry = this.#entryOf(offset)
    if (entry < 0) return undefined
    const at = entry * STRIDE
    return { earliestMs: this.#get(at + FIRST_MS), latestMs: this.#get(at + LAST_MS) }
  }

  /** When the oldest record of the index was appended. */
  get firstMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#get(FIRST_MS)
  }

  /** Offset of the oldest record of the index. */
  get firstOffset(): number | undefined {
    return this.#count === 0 ? undefined : this.#get(FIRST_OFFSET)
  }

  /** About how many bytes were appended from `offset` on; undefined when that is before the first entry. */
  bytesFrom(offset: number): number | undefined {
    if (this.#count === 0) return undefined
    if (offset >= this.#nextOffset) return 0
    const entry = this.#entryOf(offset)
    if (entry < 0) return undefined
    const at = entry * STRIDE
    const isLast = entry === this.#count - 1
    const endOffset = isLast ? this.#nextOffset : this.#get(at + STRIDE + FIRST_OFFSET)
    const endBytes = isLast ? this.#totalBytes : this.#get(at + STRIDE + BYTES_BEFORE)
    const firstOffset = this.#get(at + FIRST_OFFSET)
    const share = (offset - firstOffset) / (endOffset - firstOffset)
    const before = this.#get(at + BYTES_BEFORE)
    return this.#totalBytes - (before + (endBytes - before) * share)
  }

  /** The partition is no more. */
  release(): void {
    const capacity = this.#entries.length / STRIDE
    if (capacity > FIRST_CAPACITY) this.#budget.give(capacity - FIRST_CAPACITY)
    this.#entries = NO_ENTRIES
    this.#count = 0
    this.#nextOffset = -1
  }

  #get(at: number): number {
    return this.#entries[at] as number
  }

  /** The last entry that begins at or below `offset`; -1 when there is none, or nothing was appended there. */
  #entryOf(offset: number): number {
    if (offset >= this.#nextOffset) return -1
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#get(middle * STRIDE + FIRST_OFFSET) <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  #add(firstOffset: number, nowMs: number): void {
    if (this.#count * STRIDE === this.#entries.length) this.#makeRoom()
    const previous = (this.#count - 1) * STRIDE
    const fromMs = previous >= 0 ? Math.max(nowMs, this.#get(previous + LAST_MS)) : nowMs
    const at = this.#count++ * STRIDE
    this.#entries[at + FIRST_OFFSET] = firstOffset
    this.#entries[at + FIRST_MS] = fromMs
    this.#entries[at + LAST_MS] = fromMs
    this.#entries[at + BYTES_BEFORE] = this.#totalBytes
  }

  #makeRoom(): void {
    const capacity = this.#entries.length / STRIDE
    const isFirst = capacity === 0
    const larger = isFirst ? FIRST_CAPACITY : capacity * 2
    if (isFirst || (larger <= MAX_CAPACITY && this.#budget.take(capacity))) {
      const entries = new Float64Array(larger * STRIDE)
      entries.set(this.#entries)
      this.#entries = entries
    } else {
      this.#joinOlderHalf()
    }
  }

  #joinOlderHalf(): void {
    const half = this.#count >> 1
    let kept = 0
    for (let entry = 0; entry < half; entry += 2) {
      this.#entries.copyWithin(kept * STRIDE, entry * STRIDE, (entry + 1) * STRIDE)
      const later = Math.min(entry + 1, half - 1) * STRIDE
      this.#entries[kept * STRIDE + LAST_MS] = this.#get(later + LAST_MS)
      kept++
    }
    this.#entries.copyWithin(kept * STRIDE, half * STRIDE, this.#count * STRIDE)
    this.#count = kept + this.#count - half
  }
}
