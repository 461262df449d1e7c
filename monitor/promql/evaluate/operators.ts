import type { BinaryOperator } from '../syntax/ast.ts'
import { ARITHMETIC, COMPARISONS } from '../syntax/ast.ts'
import { power } from './numeric.ts'

const CALCULATE: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': power,
  atan2: Math.atan2,
}

const COMPARE: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
}

export function isArithmetic(operator: BinaryOperator): boolean {
  return (ARITHMETIC as readonly string[]).includes(operator)
}

export function isComparison(operator: BinaryOperator): boolean {
  return (COMPARISONS as readonly string[]).includes(operator)
}

/** Arithmetic, or 1 and 0 for a comparison. */
export function calculator(operator: BinaryOperator): (left: number, right: number) => number {
  const calculate = CALCULATE[operator]
  if (calculate !== undefined) return calculate
  const compare = comparer(operator)
  return (left, right) => (compare(left, right) ? 1 : 0)
}

export function comparer(operator: BinaryOperator): (left: number, right: number) => boolean {
  const compare = COMPARE[operator]
  if (compare === undefined) throw new Error(`${operator} is no comparison`)
  return compare
}
