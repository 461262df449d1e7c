import type { Labels } from '../model/labels.ts'
import type { Node } from '../syntax/ast.ts'
import type { Annotations } from './annotations.ts'
import type { Bucket } from './classic-histogram.ts'
import type { Column } from './column.ts'

const BUCKET_LABEL = 'le'
const LE: ReadonlySet<string> = new Set([BUCKET_LABEL])

/** The series of one classic histogram: one for each upper bound. */
export class BucketColumns {
  readonly labels: Labels
  readonly #columns: { readonly upperBound: number; readonly column: Column }[] = []

  constructor(labels: Labels) {
    this.labels = labels
  }

  add(upperBound: number, column: Column): void {
    this.#columns.push({ upperBound, column })
  }

  bucketsAt(step: number): Bucket[] {
    const buckets: Bucket[] = []
    for (const { upperBound, column } of this.#columns) {
      if (column.present[step] === 1)
        buckets.push({ upperBound, count: column.values[step] as number })
    }
    return buckets
  }
}

/** Finds the histograms among series by their labels without `le`; warns of series that have no bound. */
export function histograms(
  columns: Iterable<Column>,
  argument: Node,
  annotations: Annotations,
): Iterable<BucketColumns> {
  const found = new Map<string, BucketColumns>()
  for (const column of columns) {
    const bound = column.labels.get(BUCKET_LABEL)
    const upperBound = parseBound(bound)
    if (upperBound === null) {
      const name = column.labels.metricName
      const of = name === '' ? '' : ` for metric name ${JSON.stringify(name)}`
      annotations.warn(
        `bucket label "le" is missing or has a malformed value of ${JSON.stringify(bound)}${of}`,
        argument.span,
      )
      continue
    }
    const labels = column.labels.without(LE)
    const known = found.get(labels.key) ?? new BucketColumns(labels)
    known.add(upperBound, column)
    found.set(labels.key, known)
  }
  return found.values()
}

function parseBound(text: string): number | null {
  if (/^[+]?inf(?:inity)?$/i.test(text)) return Number.POSITIVE_INFINITY
  if (/^-inf(?:inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY
  const bound = Number(text)
  return text.trim() === '' || Number.isNaN(bound) ? null : bound
}
