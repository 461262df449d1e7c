import type { BinaryNode } from '../syntax/ast.ts'
import type { Column } from './column.ts'
import { newColumn, put } from './column.ts'
import { calculator, comparer, isArithmetic } from './operators.ts'

/** One series of a vector with a scalar on the other side. A comparison without `bool` keeps the vector's values where it holds. */
export function withScalar(
  node: BinaryNode,
  column: Column,
  scalar: Float64Array,
  scalarIsLeft: boolean,
): Column {
  if (isArithmetic(node.operator) || node.returnsBool) {
    return calculated(node, column, scalar, scalarIsLeft)
  }
  const holds = comparer(node.operator)
  const result = newColumn(column.labels, column.dropName, scalar.length)
  for (let step = 0; step < scalar.length; step++) {
    if (column.present[step] === 0) continue
    const value = column.values[step] as number
    const other = scalar[step] as number
    if (scalarIsLeft ? holds(other, value) : holds(value, other)) put(result, step, value)
  }
  return result
}

function calculated(
  node: BinaryNode,
  column: Column,
  scalar: Float64Array,
  scalarIsLeft: boolean,
): Column {
  const calculate = calculator(node.operator)
  const values = new Float64Array(scalar.length)
  for (let step = 0; step < scalar.length; step++) {
    const value = column.values[step] as number
    const other = scalar[step] as number
    values[step] = scalarIsLeft ? calculate(other, value) : calculate(value, other)
  }
  return { labels: column.labels, dropName: true, values, present: column.present }
}
