import type { LabelText, Sample } from './family.ts'

/**
 * A series for each row of a list, but for those whose value is NaN. The exposition looks at row after row, so
 * that of families with ten thousand series no sample is ever made. Whoever iterates gets samples.
 */
export class RowSamples<Row> implements Iterable<Sample> {
  /** Rows. */
  readonly length: number
  readonly labelsAt: (row: number) => LabelText
  readonly valueAt: (row: number) => number

  constructor(rows: readonly Row[], labelsOf: (row: Row) => LabelText, read: (row: Row) => number) {
    this.length = rows.length
    this.labelsAt = (row) => labelsOf(rows[row] as Row)
    this.valueAt = (row) => read(rows[row] as Row)
  }

  *[Symbol.iterator](): Iterator<Sample> {
    for (let row = 0; row < this.length; row++) {
      const value = this.valueAt(row)
      if (!Number.isNaN(value)) yield { labels: this.labelsAt(row), value }
    }
  }
}
