import type { Labels } from '../model/labels.ts'
import { METRIC_NAME } from '../model/labels.ts'
import type { VectorMatching } from '../syntax/ast.ts'
import type { Column } from './column.ts'

/** The labels by which series of two vectors find one another. */
export function matchLabels(labels: Labels, matching: VectorMatching): Labels {
  const names = new Set(matching.labels)
  if (matching.on) return labels.keep(names)
  names.add(METRIC_NAME)
  return labels.without(names)
}

/** Series by the key of those labels. */
export function bySignature(
  columns: Iterable<Column>,
  matching: VectorMatching,
): Map<string, Column[]> {
  const found = new Map<string, Column[]>()
  for (const column of columns) {
    const { key } = matchLabels(column.labels, matching)
    const same = found.get(key)
    if (same === undefined) found.set(key, [column])
    else same.push(column)
  }
  return found
}

/** Steps at which any of the series has a value. */
export function anyPresent(columns: readonly Column[], count: number): Uint8Array {
  const present = new Uint8Array(count)
  for (const column of columns) {
    for (let step = 0; step < count; step++) {
      if (column.present[step] === 1) present[step] = 1
    }
  }
  return present
}
