import { Labels, METRIC_NAME } from '../model/labels.ts'
import type { Node } from '../syntax/ast.ts'
import { unwrap } from '../syntax/ast.ts'
import type { Column } from './column.ts'
import { newColumn, put } from './column.ts'

/** One series with the value 1 at the steps where `present` has none. */
export function absentColumn(argument: Node, present: Uint8Array, dropName: boolean): Column {
  const column = newColumn(labelsOfSelector(argument), dropName, present.length)
  for (let step = 0; step < present.length; step++) {
    if (present[step] === 0) put(column, step, 1)
  }
  return column
}

/** What a selector says for sure about the series it did not find: labels that it asks for once, by `=`. */
function labelsOfSelector(argument: Node): Labels {
  const node = unwrap(argument)
  const selector = node.kind === 'matrix-selector' ? node.selector : node
  if (selector.kind !== 'vector-selector') return Labels.empty
  const certain = new Map<string, string>()
  const asked = new Set<string>()
  for (const { name, operator, value } of selector.matchers) {
    if (name === METRIC_NAME) continue
    if (operator === '=' && !asked.has(name)) certain.set(name, value)
    else certain.delete(name)
    if (operator === '=') asked.add(name)
  }
  return Labels.from(certain)
}
