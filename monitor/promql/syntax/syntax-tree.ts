import type {
  AggregateNode,
  AtModifier,
  BinaryNode,
  CallNode,
  Node,
  SubqueryNode,
  UnaryNode,
  VectorMatching,
  VectorSelectorNode,
} from './ast.ts'
import { typeOf } from './check.ts'
import { SIGNATURES } from './signatures.ts'

/** An expression as the JSON that Prometheus 3 answers at `/api/v1/parse_query`, which its own pages draw a tree from. */
export function syntaxTree(node: Node): object {
  switch (node.kind) {
    case 'number':
      return { type: 'numberLiteral', val: decimalText(node.value) }
    case 'string':
      return { type: 'stringLiteral', val: node.value }
    case 'paren':
      return { type: 'parenExpr', expr: syntaxTree(node.inner) }
    case 'unary':
      return unaryTree(node)
    case 'call':
      return callTree(node)
    case 'vector-selector':
      return { type: 'vectorSelector', ...selectorMembers(node) }
    case 'matrix-selector':
      return { type: 'matrixSelector', ...selectorMembers(node.selector), range: node.rangeMs }
    case 'subquery':
      return subqueryTree(node)
    case 'aggregate':
      return aggregateTree(node)
    case 'binary':
      return binaryTree(node)
  }
}

function unaryTree(node: UnaryNode): object {
  const value = signedNumber(node)
  if (value !== null) return { type: 'numberLiteral', val: decimalText(value) }
  return { type: 'unaryExpr', op: node.operator, expr: syntaxTree(node.operand) }
}

/** Prometheus takes the signs before a number for its own. Null for anything else. */
function signedNumber(node: Node): number | null {
  if (node.kind === 'number') return node.value
  const value = node.kind === 'unary' ? signedNumber(node.operand) : null
  return value !== null && node.kind === 'unary' && node.operator === '-' ? -value : value
}

function callTree({ name, args }: CallNode): object {
  const signature = SIGNATURES[name]
  const func = {
    name,
    argTypes: signature?.args ?? [],
    // How many may be left out; of one that may come again there is no end.
    variadic: signature?.repeats === true ? -1 : (signature?.optional ?? 0),
    returnType: signature?.returns ?? 'vector',
  }
  return { type: 'call', func, args: args.map(syntaxTree) }
}

function selectorMembers({ name, matchers, offsetMs, at }: VectorSelectorNode): object {
  return {
    name,
    matchers: matchers.map((one) => ({ name: one.name, type: one.operator, value: one.value })),
    ...timeMembers(offsetMs, at),
    // Parts of PromQL that the engine leaves out: never there.
    anchored: false,
    smoothed: false,
  }
}

function subqueryTree({ body, rangeMs, stepMs, offsetMs, at }: SubqueryNode): object {
  return {
    type: 'subquery',
    expr: syntaxTree(body),
    range: rangeMs,
    step: stepMs ?? 0,
    ...timeMembers(offsetMs, at),
  }
}

function timeMembers(offsetMs: number, at: AtModifier): object {
  const isFixed = typeof at === 'number'
  return { offset: offsetMs, timestamp: isFixed ? at : null, startOrEnd: isFixed ? null : at }
}

function aggregateTree({ operator, parameter, operand, without, grouping }: AggregateNode): object {
  return {
    type: 'aggregation',
    op: operator,
    expr: syntaxTree(operand),
    param: parameter === null ? null : syntaxTree(parameter),
    grouping,
    without,
  }
}

function binaryTree({ operator, left, right, returnsBool, matching }: BinaryNode): object {
  const isOfVectors = typeOf(left) === 'vector' && typeOf(right) === 'vector'
  return {
    type: 'binaryExpr',
    op: operator,
    lhs: syntaxTree(left),
    rhs: syntaxTree(right),
    matching: matching !== null && isOfVectors ? matchingTree(matching) : null,
    bool: returnsBool,
  }
}

function matchingTree({ cardinality, on, labels, include }: VectorMatching): object {
  return { card: cardinality, labels, on, include, fillValues: { lhs: null, rhs: null } }
}

/** As few digits as say which number it is, and never an exponent. */
function decimalText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const wholeDigits = Number(exponent) + 1
  if (wholeDigits <= 0) {
    return `${sign}0${value === 0 ? '' : `.${'0'.repeat(-wholeDigits)}${digits}`}`
  }
  const whole = digits.slice(0, wholeDigits).padEnd(wholeDigits, '0')
  const fraction = digits.slice(wholeDigits)
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`
}
