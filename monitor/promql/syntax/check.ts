import { ParseError } from '../promql-error.ts'
import type {
  AggregateNode,
  BinaryNode,
  CallNode,
  Node,
  SubqueryNode,
  UnaryNode,
  ValueType,
} from './ast.ts'
import { COMPARISONS, SET_OPERATORS } from './ast.ts'
import { SIGNATURES } from './signatures.ts'

const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  vector: 'instant vector',
  matrix: 'range vector',
}

/** What an expression evaluates to. */
export function typeOf(node: Node): ValueType {
  switch (node.kind) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'vector-selector':
    case 'aggregate':
      return 'vector'
    case 'matrix-selector':
    case 'subquery':
      return 'matrix'
    case 'unary':
      return typeOf(node.operand)
    case 'paren':
      return typeOf(node.inner)
    case 'call':
      return SIGNATURES[node.name]?.returns ?? 'vector'
    case 'binary':
      return typeOf(node.left) === 'scalar' && typeOf(node.right) === 'scalar' ? 'scalar' : 'vector'
  }
}

/** @throws ParseError where types do not fit, in Prometheus' words */
export function checkTypes(node: Node, expression: string): void {
  const fail = (message: string, at: Node): never => {
    throw new ParseError(message, expression, at.span)
  }
  switch (node.kind) {
    case 'paren':
      checkTypes(node.inner, expression)
      break
    case 'unary':
      checkUnary(node, expression, fail)
      break
    case 'subquery':
      checkSubquery(node, expression, fail)
      break
    case 'aggregate':
      checkAggregate(node, expression, fail)
      break
    case 'call':
      checkCall(node, expression, fail)
      break
    case 'binary':
      checkBinary(node, expression, fail)
      break
    default:
  }
}

type Fail = (message: string, at: Node) => never

function expectType(node: Node, wanted: ValueType, context: string, fail: Fail): void {
  const type = typeOf(node)
  if (type !== wanted)
    fail(`expected type ${TYPE_NAMES[wanted]} in ${context}, got ${TYPE_NAMES[type]}`, node)
}

function checkUnary(node: UnaryNode, expression: string, fail: Fail): void {
  checkTypes(node.operand, expression)
  const type = typeOf(node.operand)
  if (type === 'scalar' || type === 'vector') return
  fail(
    `unary expression only allowed on expressions of type scalar or instant vector, got "${TYPE_NAMES[type]}"`,
    node,
  )
}

function checkSubquery(node: SubqueryNode, expression: string, fail: Fail): void {
  checkTypes(node.body, expression)
  const type = typeOf(node.body)
  if (type !== 'vector')
    fail(`subquery is only allowed on instant vector, got ${type} instead`, node)
}

function checkAggregate(node: AggregateNode, expression: string, fail: Fail): void {
  checkTypes(node.operand, expression)
  expectType(node.operand, 'vector', 'aggregation expression', fail)
  if (node.parameter === null) return
  checkTypes(node.parameter, expression)
  const wanted = node.operator === 'count_values' ? 'string' : 'scalar'
  expectType(node.parameter, wanted, 'aggregation parameter', fail)
}

function checkCall(node: CallNode, expression: string, fail: Fail): void {
  const signature = SIGNATURES[node.name]
  if (signature === undefined) return
  const most = signature.args.length
  const least = most - (signature.optional ?? 0)
  const given = node.args.length
  if (given < least || (given > most && !signature.repeats)) {
    const bound =
      least === most
        ? `expected ${most}`
        : given < least
          ? `expected at least ${least}`
          : `expected at most ${most}`
    fail(`${bound} argument(s) in call to "${node.name}", got ${given}`, node)
  }
  node.args.forEach((argument, at) => {
    checkTypes(argument, expression)
    const wanted = signature.args[Math.min(at, most - 1)]
    if (wanted !== undefined) expectType(argument, wanted, `call to function "${node.name}"`, fail)
  })
}

function checkBinary(node: BinaryNode, expression: string, fail: Fail): void {
  checkTypes(node.left, expression)
  checkTypes(node.right, expression)
  const left = typeOf(node.left)
  const right = typeOf(node.right)
  const isComparison = (COMPARISONS as readonly string[]).includes(node.operator)
  if (node.returnsBool && !isComparison) {
    fail('bool modifier can only be used on comparison operators', node)
  }
  for (const [side, type] of [
    [node.left, left],
    [node.right, right],
  ] as const) {
    if (type !== 'scalar' && type !== 'vector') {
      fail('binary expression must contain only scalar and instant vector types', side)
    }
  }
  const scalars = Number(left === 'scalar') + Number(right === 'scalar')
  if (scalars === 2 && isComparison && !node.returnsBool) {
    fail('comparisons between scalars must use BOOL modifier', node)
  }
  if (scalars === 0) return
  if ((SET_OPERATORS as readonly string[]).includes(node.operator)) {
    fail(`set operator "${node.operator}" not allowed in binary scalar expression`, node)
  }
  const { matching } = node
  if (
    matching !== null &&
    (matching.on || matching.labels.length > 0 || matching.include.length > 0)
  ) {
    fail('vector matching only allowed between instant vectors', node)
  }
}
