import { EvaluationError } from '../promql-error.ts'
import type { AggregateNode } from '../syntax/ast.ts'
import type { Column } from './column.ts'
import { newColumn, put } from './column.ts'
import { Grouping } from './grouping.ts'

/** Whole numbers beyond this are not what anybody means, and Prometheus' own cannot hold them. */
const INT64_LIMIT = 2 ** 63

/** The k largest or smallest series of each group at each step, whole; at a single step in that order. */
export function topOrBottom(
  node: AggregateNode,
  columns: readonly Column[],
  count: number,
  sizes: Float64Array,
): Column[] {
  for (const size of sizes) refuseBadSize(size)
  const groups = new Grouping<Column[]>(node.grouping, node.without, () => [])
  for (const column of columns) groups.groupOf(column.labels).push(column)
  const order = node.operator === 'topk' ? descendingNanLast : ascendingNanLast
  const results = new Map<Column, Column>()
  for (const members of groups.all()) {
    for (let step = 0; step < count; step++) {
      const size = Math.trunc(sizes[step] as number)
      if (size < 1) continue
      for (const chosen of best(members, step, size, order)) {
        put(resultFor(results, chosen, count), step, chosen.values[step] as number)
      }
    }
  }
  return [...results.values()]
}

function best(
  members: readonly Column[],
  step: number,
  size: number,
  order: (a: number, b: number) => number,
): Column[] {
  return members
    .filter((member) => member.present[step] === 1)
    .sort((a, b) => order(a.values[step] as number, b.values[step] as number))
    .slice(0, size)
}

function resultFor(results: Map<Column, Column>, chosen: Column, count: number): Column {
  const known = results.get(chosen)
  if (known !== undefined) return known
  const created = newColumn(chosen.labels, chosen.dropName, count)
  results.set(chosen, created)
  return created
}

function refuseBadSize(size: number): void {
  if (Number.isNaN(size)) throw new EvaluationError('Parameter value is NaN')
  if (size <= -INT64_LIMIT) throw new EvaluationError(`Scalar value ${size} underflows int64`)
  if (size >= INT64_LIMIT) throw new EvaluationError(`Scalar value ${size} overflows int64`)
}

export function descendingNanLast(a: number, b: number): number {
  return nanLast(a, b) ?? b - a
}

export function ascendingNanLast(a: number, b: number): number {
  return nanLast(a, b) ?? a - b
}

function nanLast(a: number, b: number): number | null {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1
  if (Number.isNaN(b)) return -1
  return a === b ? 0 : null
}
