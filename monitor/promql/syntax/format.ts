import { formatSample } from '../evaluate/numeric.ts'
import { METRIC_NAME } from '../model/labels.ts'
import type {
  AggregateNode,
  AtModifier,
  BinaryNode,
  Node,
  SubqueryNode,
  VectorMatching,
  VectorSelectorNode,
} from './ast.ts'

/** Units of durations, the largest first; weeks and years are written as days, as in Prometheus. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const
const PLAIN_NAME = /^[a-zA-Z_:][\w:]*$/

/** An expression in Prometheus' own spelling, on one line. Parentheses stay where they are. */
export function formatExpression(node: Node): string {
  switch (node.kind) {
    case 'number':
      // A sign would be read as an operator the next time.
      return formatSample(node.value).replace('+', '')
    case 'string':
      return JSON.stringify(node.value)
    case 'paren':
      return `(${formatExpression(node.inner)})`
    case 'unary':
      return `${node.operator}${formatExpression(node.operand)}`
    case 'call':
      return `${node.name}(${node.args.map(formatExpression).join(', ')})`
    case 'vector-selector':
      return `${selectorText(node)}${modifiersText(node)}`
    case 'matrix-selector': {
      const { selector, rangeMs } = node
      return `${selectorText(selector)}[${durationText(rangeMs)}]${modifiersText(selector)}`
    }
    case 'subquery':
      return subqueryText(node)
    case 'aggregate':
      return aggregateText(node)
    case 'binary':
      return binaryText(node)
  }
}

function selectorText({ matchers }: VectorSelectorNode): string {
  const named = matchers.find(
    ({ name, operator, value }) =>
      name === METRIC_NAME && operator === '=' && PLAIN_NAME.test(value),
  )
  const others = matchers.filter((matcher) => matcher !== named)
  const braces = others.length > 0 || named === undefined ? `{${others.join(',')}}` : ''
  return `${named?.value ?? ''}${braces}`
}

function modifiersText({ at, offsetMs }: { at: AtModifier; offsetMs: number }): string {
  const sign = offsetMs < 0 ? '-' : ''
  const offset = offsetMs === 0 ? '' : ` offset ${sign}${durationText(Math.abs(offsetMs))}`
  return `${atText(at)}${offset}`
}

function atText(at: AtModifier): string {
  if (at === null) return ''
  return typeof at === 'number' ? ` @ ${(at / 1000).toFixed(3)}` : ` @ ${at}()`
}

function subqueryText(node: SubqueryNode): string {
  const step = node.stepMs === null ? '' : durationText(node.stepMs)
  return `${formatExpression(node.body)}[${durationText(node.rangeMs)}:${step}]${modifiersText(node)}`
}

function aggregateText({ operator, parameter, operand, without, grouping }: AggregateNode): string {
  const labels = `${without ? 'without' : 'by'} (${grouping.join(', ')}) `
  const clause = without || grouping.length > 0 ? ` ${labels}` : ''
  const parts = parameter === null ? [operand] : [parameter, operand]
  return `${operator}${clause}(${parts.map(formatExpression).join(', ')})`
}

function binaryText({ operator, left, right, returnsBool, matching }: BinaryNode): string {
  const bool = returnsBool ? ' bool' : ''
  const match = matching === null ? '' : matchingText(matching)
  return `${formatExpression(left)} ${operator}${bool}${match} ${formatExpression(right)}`
}

function matchingText({ cardinality, on, labels, include }: VectorMatching): string {
  const clause = on || labels.length > 0 ? ` ${on ? 'on' : 'ignoring'} (${labels.join(', ')})` : ''
  const side = { 'many-to-one': 'left', 'one-to-many': 'right' }[cardinality as string]
  return side === undefined ? clause : `${clause} group_${side} (${include.join(', ')})`
}

function durationText(ms: number): string {
  let left = ms
  let text = ''
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    if (count === 0) continue
    text += `${count}${unit}`
    left -= count * size
  }
  return text === '' ? '0s' : text
}
