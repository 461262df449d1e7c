import type { HistoryRecord } from '../record.ts'
import type { Column, ColumnName } from './columns.ts'
import { ColumnBuilder, SEGMENT_RECORDS } from './columns.ts'
import type { GramRange } from './grams.ts'
import type { PostingList } from './postings.ts'
import { PostingBuilder } from './postings.ts'
import { searchText } from './search-text.ts'

/** The index over a run of records, on disk or still growing. */
export interface Segment {
  /** Sequence number of its first record. */
  readonly first: number
  readonly count: number
  readonly minTimeMs: number
  readonly maxTimeMs: number
  /** What the numbers in the columns of the same names stand for. */
  readonly operations: readonly string[]
  readonly outcomes: readonly string[]
  column(name: ColumnName): Promise<Column> | Column
  /** The lists of all grams in the range that some record has. */
  lists(range: GramRange): Promise<readonly PostingList[]> | readonly PostingList[]
}

/** The segment that records are being added to, in memory. */
export class GrowingSegment implements Segment {
  readonly first: number
  readonly columns = new ColumnBuilder()
  readonly postings = new PostingBuilder()
  #minTimeMs = Number.POSITIVE_INFINITY
  #maxTimeMs = Number.NEGATIVE_INFINITY

  constructor(first: number) {
    this.first = first
  }

  get count(): number {
    return this.columns.count
  }

  get isFull(): boolean {
    return this.count === SEGMENT_RECORDS
  }

  get minTimeMs(): number {
    return this.#minTimeMs
  }

  get maxTimeMs(): number {
    return this.#maxTimeMs
  }

  get operations(): readonly string[] {
    return this.columns.operations
  }

  get outcomes(): readonly string[] {
    return this.columns.outcomes
  }

  add(record: HistoryRecord): void {
    const timeMs = Date.parse(record.recordedAt)
    this.#minTimeMs = Math.min(this.#minTimeMs, timeMs)
    this.#maxTimeMs = Math.max(this.#maxTimeMs, timeMs)
    this.postings.add(this.count, searchText(record))
    this.columns.add(record)
  }

  column(name: ColumnName): Column {
    return this.columns.column(name)
  }

  lists(range: GramRange): readonly PostingList[] {
    return this.postings.lists(range)
  }
}
