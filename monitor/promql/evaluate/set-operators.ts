import type { BinaryNode, VectorMatching } from '../syntax/ast.ts'
import type { Column } from './column.ts'
import { newColumn, put } from './column.ts'
import { anyPresent, bySignature, matchLabels } from './matching.ts'

/** `and`, `or`, `unless`: decided for each step by whether the other side has a series with the same labels. */
export function combineSets(
  node: BinaryNode,
  matching: VectorMatching,
  left: readonly Column[],
  right: readonly Column[],
  count: number,
): Column[] {
  switch (node.operator) {
    case 'and':
      return masked(left, right, matching, count, 1)
    case 'unless':
      return masked(left, right, matching, count, 0)
    default:
      return [...left, ...masked(right, left, matching, count, 0)]
  }
}

/** `columns` at the steps where the presence of a counterpart among `others` is `wanted`. */
function masked(
  columns: readonly Column[],
  others: readonly Column[],
  matching: VectorMatching,
  count: number,
  wanted: 0 | 1,
): Column[] {
  const presence = new Map<string, Uint8Array>()
  for (const [key, same] of bySignature(others, matching))
    presence.set(key, anyPresent(same, count))
  const nowhere = new Uint8Array(count)
  return columns.map((column) => {
    const counterpart = presence.get(matchLabels(column.labels, matching).key) ?? nowhere
    const result = newColumn(column.labels, column.dropName, count)
    for (let step = 0; step < count; step++) {
      if (column.present[step] === 1 && counterpart[step] === wanted) {
        put(result, step, column.values[step] as number)
      }
    }
    return result
  })
}
