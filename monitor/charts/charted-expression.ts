import type { PromqlNode } from '../promql/index.ts'
import { parseExpression } from '../promql/index.ts'

export interface ChartedExpression {
  readonly expression: string
  /** What it is compared with; null when that is not one number. */
  readonly threshold: number | null
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<='])

/**
 * What a person would want to see of a rule's condition: not only when it held, but what it compares, all the
 * time. Throws what parsing throws.
 */
export function chartedExpression(condition: string): ChartedExpression {
  let node = parseExpression(condition)
  let threshold: number | null = null
  for (;;) {
    const inner: { readonly node: PromqlNode; readonly threshold: number | null } | null =
      insideOf(node)
    if (inner === null) break
    node = inner.node
    threshold = inner.threshold ?? threshold
    if (inner.threshold !== null) break
  }
  const { from, to } = node.span
  return { expression: condition.slice(from, to), threshold }
}

/** Through parentheses, away from what only says when it counts, and to one side of a comparison with a number. */
function insideOf(node: PromqlNode): { node: PromqlNode; threshold: number | null } | null {
  if (node.kind === 'paren') return { node: node.inner, threshold: null }
  if (node.kind !== 'binary') return null
  const { operator, left, right } = node
  if (operator === 'and' || operator === 'unless') return { node: left, threshold: null }
  if (!COMPARISONS.has(operator)) return null
  const [first, second] = [numberIn(left), numberIn(right)]
  if (second !== null && first === null) return { node: left, threshold: second }
  if (first !== null && second === null) return { node: right, threshold: first }
  return null
}

/** The value of an expression that is one number, such as `80`, `-1` or `0.5 * 1024`. */
function numberIn(node: PromqlNode): number | null {
  switch (node.kind) {
    case 'number':
      return node.value
    case 'paren':
      return numberIn(node.inner)
    case 'unary': {
      const value = numberIn(node.operand)
      return value !== null && node.operator === '-' ? -value : value
    }
    case 'binary': {
      const [left, right] = [numberIn(node.left), numberIn(node.right)]
      return left === null || right === null ? null : calculated(node.operator, left, right)
    }
    default:
      return null
  }
}

function calculated(operator: string, left: number, right: number): number | null {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '^':
      return left ** right
    default:
      return null
  }
}
