import type { Node } from '../syntax/ast.ts'

/** Functions whose result depends on when they are evaluated, whatever their arguments are fixed to. */
const TIME_DEPENDENT: ReadonlySet<string> = new Set([
  'time',
  'timestamp',
  'predict_linear',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'days_in_month',
  'hour',
  'minute',
  'month',
  'year',
])

/** Whether an expression has the same value at every step, so that one step is enough to evaluate. */
export function isStepInvariant(node: Node): boolean {
  switch (node.kind) {
    case 'number':
    case 'string':
      return true
    case 'vector-selector':
      return node.at !== null
    case 'matrix-selector':
      return node.selector.at !== null
    case 'subquery':
      return node.at !== null
    case 'paren':
      return isStepInvariant(node.inner)
    case 'unary':
      return isStepInvariant(node.operand)
    case 'binary':
      return isStepInvariant(node.left) && isStepInvariant(node.right)
    case 'aggregate':
      return (
        isStepInvariant(node.operand) &&
        (node.parameter === null || isStepInvariant(node.parameter))
      )
    case 'call':
      return !TIME_DEPENDENT.has(node.name) && node.args.every(isStepInvariant)
  }
}
