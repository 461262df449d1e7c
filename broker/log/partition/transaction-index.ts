import type { ProducerKey } from './producer-key.ts'

interface CompletedTransaction {
  readonly firstOffset: number
  readonly lastOffset: number
}

export interface AbortedRange {
  readonly producer: ProducerKey
  readonly firstOffset: number
  /** Offset of the abort marker. */
  readonly lastOffset: number
}

/** All that a partition knows about transactions, as checkpoints keep it. */
export interface TransactionState {
  readonly open: readonly (readonly [producer: ProducerKey, firstOffset: number])[]
  readonly completed: readonly CompletedTransaction[]
  readonly aborted: readonly AbortedRange[]
}

/**
 * Open and aborted transactions of one partition (KIP-98). A reader of committed data stops at the
 * first transaction that is open, or whose marker is not yet below the high watermark, and skips
 * the records of the aborted ones. Aborted ranges are kept as long as the records: 24 bytes each.
 */
export class TransactionIndex {
  readonly #open = new Map<ProducerKey, number>()
  /** Ended by a marker that readers do not see yet; in the order of the markers. */
  #completed: CompletedTransaction[] = []
  /** In the order of the markers. */
  #aborted: AbortedRange[] = []
  #firstUnstable = Infinity

  /** First offset of the earliest transaction that is not over for readers; Infinity for none. */
  get firstUnstableOffset(): number {
    return this.#firstUnstable
  }

  get isIdle(): boolean {
    return this.#firstUnstable === Infinity
  }

  openSince(producer: ProducerKey): number {
    return this.#open.get(producer) ?? -1
  }

  isOpen(producer: ProducerKey): boolean {
    return this.#open.has(producer)
  }

  /** A batch of records that belongs to the producer's transaction. */
  extend(producer: ProducerKey, baseOffset: number): void {
    if (this.#open.has(producer)) return
    this.#open.set(producer, baseOffset)
    this.#firstUnstable = Math.min(this.#firstUnstable, baseOffset)
  }

  /** A commit or abort marker. A marker for a producer without a transaction changes nothing. */
  end(producer: ProducerKey, markerOffset: number, aborted: boolean): void {
    const firstOffset = this.#open.get(producer)
    if (firstOffset === undefined) return
    this.#open.delete(producer)
    this.#completed.push({ firstOffset, lastOffset: markerOffset })
    if (aborted) this.#aborted.push({ producer, firstOffset, lastOffset: markerOffset })
  }

  /** Readers see everything below `highWatermark`. */
  advance(highWatermark: number): void {
    if (this.isIdle) return
    let seen = 0
    while (seen < this.#completed.length) {
      const next = this.#completed[seen]
      if (next === undefined || next.lastOffset >= highWatermark) break
      seen++
    }
    if (seen > 0) this.#completed.splice(0, seen)
    this.#recompute()
  }

  /** Aborted transactions with records in [fromOffset, toOffset). */
  abortedIn(fromOffset: number, toOffset: number): readonly AbortedRange[] {
    if (this.#aborted.length === 0) return []
    const from = this.#firstEndingFrom(fromOffset)
    return this.#aborted.slice(from).filter((range) => range.firstOffset < toOffset)
  }

  trim(logStartOffset: number): void {
    const kept = this.#firstEndingFrom(logStartOffset)
    if (kept > 0) this.#aborted.splice(0, kept)
  }

  /** Forgets aborted transactions of which no record is left. Who took `abortedIn` before keeps what it got. */
  forget(ranges: readonly AbortedRange[]): void {
    if (ranges.length === 0) return
    const gone = new Set(ranges)
    this.#aborted = this.#aborted.filter((range) => !gone.has(range))
  }

  snapshot(): TransactionState {
    return {
      open: [...this.#open],
      completed: [...this.#completed],
      aborted: [...this.#aborted],
    }
  }

  restore(state: TransactionState): void {
    this.#open.clear()
    for (const [producer, firstOffset] of state.open) this.#open.set(producer, firstOffset)
    this.#completed = [...state.completed]
    this.#aborted = [...state.aborted]
    this.#recompute()
  }

  #firstEndingFrom(offset: number): number {
    let low = 0
    let high = this.#aborted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#aborted[middle]?.lastOffset ?? Infinity) >= offset) high = middle
      else low = middle + 1
    }
    return low
  }

  #recompute(): void {
    let first = Infinity
    for (const offset of this.#open.values()) first = Math.min(first, offset)
    for (const completed of this.#completed) first = Math.min(first, completed.firstOffset)
    this.#firstUnstable = first
  }
}
