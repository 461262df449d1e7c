import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'
import { METRIC_NAME } from '../model/labels.ts'
import type { MatchOperator } from '../model/matcher.ts'
import { Matcher } from '../model/matcher.ts'
import type { Span } from '../promql-error.ts'
import { ParseError, UnsupportedFeatureError } from '../promql-error.ts'
import type {
  AggregateOperator,
  AtModifier,
  BinaryOperator,
  MatchCardinality,
  Node,
  NumberNode,
  VectorMatching,
  VectorSelectorNode,
} from './ast.ts'
import { SET_OPERATORS } from './ast.ts'
import { checkTypes } from './check.ts'
import type { InfixPart } from './infix.ts'
import {
  children,
  POWER_PRECEDENCE,
  precedenceOf,
  required,
  SIGN_PRECEDENCE,
  takeApart,
} from './infix.ts'
import { parseDuration, parseNumber, parseString } from './literals.ts'
import { withAt, withOffset } from './modifiers.ts'
import { refuseErrors } from './refuse-errors.ts'
import { LEFT_OUT, LEFT_OUT_AGGREGATIONS, SIGNATURES } from './signatures.ts'

/** Longer ones are refused: nobody writes them, and a deep one would overflow the stack. */
const MAX_EXPRESSION_LENGTH = 100_000
const MAX_DEPTH = 500

/**
 * Reads a PromQL expression: Prometheus' own grammar, then names, literals and types.
 * @throws ParseError with the position of what is wrong
 * @throws UnsupportedFeatureError for valid PromQL that the engine leaves out
 */
export function parseExpression(expression: string): Node {
  return new TreeReader(expression).read()
}

class TreeReader {
  readonly #text: string
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): Node {
    if (this.#text.length > MAX_EXPRESSION_LENGTH) {
      throw this.#error(`longer than ${MAX_EXPRESSION_LENGTH} characters`, { from: 0, to: 0 })
    }
    if (this.#text.trim() === '')
      throw this.#error('no expression found in input', { from: 0, to: 0 })
    const tree = parser.parse(withoutTrailingDots(this.#text))
    refuseErrors(tree.topNode, this.#text)
    const top = tree.topNode.firstChild
    if (top === null) throw this.#error('no expression found in input', { from: 0, to: 0 })
    const node = this.#expression(skipComments(top))
    checkTypes(node, this.#text)
    return node
  }

  #expression(node: SyntaxNode): Node {
    return this.#deeper(node, () => this.#infix(takeApart(node, this.#text), 0))
  }

  #deeper(at: Span, read: () => Node): Node {
    if (++this.#depth > MAX_DEPTH) throw this.#error(`nested deeper than ${MAX_DEPTH} levels`, at)
    try {
      return read()
    } finally {
      this.#depth--
    }
  }

  /** Puts parts together whose operators bind at least as tightly as `least`; takes them off the front. */
  #infix(parts: InfixPart[], least: number): Node {
    let left = this.#signed(parts)
    for (;;) {
      const next = parts[0]
      if (next?.kind !== 'operator') return left
      const precedence = precedenceOf(next.operator)
      if (precedence < least) return left
      parts.shift()
      // Powers bind to the right: each is inside the one before.
      const tightest = precedence === POWER_PRECEDENCE ? precedence : precedence + 1
      const right = this.#deeper(next.node, () => this.#infix(parts, tightest))
      left = this.#binary(next.node, next.operator as BinaryOperator, left, right)
    }
  }

  #signed(parts: InfixPart[]): Node {
    const first = parts.shift()
    if (first?.kind === 'sign') {
      const operand = this.#infix(parts, SIGN_PRECEDENCE + 1)
      const span = { from: first.from, to: operand.span.to }
      return { kind: 'unary', span, operator: first.sign, operand }
    }
    if (first?.kind !== 'operand')
      throw new Error('the PromQL grammar gave an operator without operand')
    let operand = this.#operand(first.node)
    while (parts[0]?.kind === 'suffix') {
      operand = this.#suffixed(operand, parts[0].node)
      parts.shift()
    }
    return operand
  }

  #operand(node: SyntaxNode): Node {
    switch (node.name) {
      case 'NumberDurationLiteral':
        return this.#number(node)
      case 'StringLiteral':
        return { kind: 'string', span: { from: node.from, to: node.to }, value: this.#string(node) }
      case 'ParenExpr':
        return {
          kind: 'paren',
          span: { from: node.from, to: node.to },
          inner: this.#expression(only(node)),
        }
      case 'VectorSelector':
        return this.#selector(node)
      case 'FunctionCall':
        return this.#call(node)
      case 'AggregateExpr':
        return this.#aggregate(node)
      default:
        throw this.#error(`unexpected ${JSON.stringify(this.#textOf(node))}`, node)
    }
  }

  #suffixed(operand: Node, node: SyntaxNode): Node {
    const span = { from: operand.span.from, to: node.to }
    switch (node.name) {
      case 'MatrixSelector':
        return this.#matrix(operand, node, span)
      case 'SubqueryExpr':
        return this.#subquery(operand, node, span)
      case 'OffsetExpr':
        return withOffset(operand, this.#duration(modifierOf(node)), span, this.#text)
      default:
        return withAt(operand, this.#atTime(modifierOf(node)), span, this.#text)
    }
  }

  #number(node: SyntaxNode): NumberNode {
    const value = parseNumber(this.#textOf(node).replace(/^[+-]\s*/, ''))
    if (value === null)
      throw this.#error(
        `bad number or duration syntax: ${JSON.stringify(this.#textOf(node))}`,
        node,
      )
    return { kind: 'number', span: { from: node.from, to: node.to }, value }
  }

  #string(node: SyntaxNode): string {
    const value = parseString(this.#textOf(node))
    if (value === null) throw this.#error(`malformed string ${this.#textOf(node)}`, node)
    return value
  }

  #selector(node: SyntaxNode): VectorSelectorNode {
    const matchers: Matcher[] = []
    const name = node.getChild('Identifier')
    const list = node.getChild('LabelMatchers')
    for (const one of list === null ? [] : children(list)) {
      const matcher = this.#matcher(one)
      if (name !== null && matcher.name === METRIC_NAME && one.name !== 'UnquotedLabelMatcher') {
        throw this.#error(
          `metric name must not be set twice: "${this.#textOf(name)}" or "${matcher.value}"`,
          one,
        )
      }
      if (name !== null && matcher.name === METRIC_NAME && matcher.operator === '=') {
        throw this.#error(
          `metric name must not be set twice: "${this.#textOf(name)}" or "${matcher.value}"`,
          one,
        )
      }
      matchers.push(matcher)
    }
    if (name !== null) matchers.push(new Matcher(METRIC_NAME, '=', this.#textOf(name)))
    if (matchers.every((matcher) => matcher.accepts(''))) {
      throw this.#error('vector selector must contain at least one non-empty matcher', node)
    }
    return {
      kind: 'vector-selector',
      span: { from: node.from, to: node.to },
      name: name === null ? '' : this.#textOf(name),
      matchers,
      offsetMs: 0,
      at: null,
    }
  }

  #matcher(node: SyntaxNode): Matcher {
    if (node.name === 'QuotedLabelName')
      return new Matcher(METRIC_NAME, '=', this.#string(only(node)))
    const [nameNode, operatorNode, valueNode] = children(node)
    const name = this.#labelName(required(nameNode))
    const operator = this.#textOf(required(operatorNode)) as MatchOperator
    try {
      return new Matcher(name, operator, this.#string(required(valueNode)))
    } catch (error) {
      if (error instanceof ParseError) throw error
      throw this.#error(error instanceof Error ? error.message : String(error), node)
    }
  }

  #labelName(node: SyntaxNode): string {
    if (node.name !== 'QuotedLabelName') return this.#textOf(node)
    const name = this.#string(only(node))
    if (name === '') throw this.#error('label names must not be empty', node)
    return name
  }

  #matrix(selector: Node, node: SyntaxNode, span: Span): Node {
    if (selector.kind !== 'vector-selector') {
      throw this.#error('ranges only allowed for vector selectors', span)
    }
    if (selector.offsetMs !== 0) throw this.#error('no offset modifiers allowed before range', span)
    if (selector.at !== null) throw this.#error('no @ modifiers allowed before range', span)
    const rangeMs = this.#positiveDuration(required(children(node)[1]))
    return { kind: 'matrix-selector', span, selector, rangeMs }
  }

  #subquery(body: Node, node: SyntaxNode, span: Span): Node {
    const [, rangeNode, stepNode] = children(node)
    return {
      kind: 'subquery',
      span,
      body,
      rangeMs: this.#positiveDuration(required(rangeNode)),
      stepMs: stepNode === undefined ? null : this.#positiveDuration(stepNode),
      offsetMs: 0,
      at: null,
    }
  }

  #atTime(node: SyntaxNode): AtModifier {
    if (node.name === 'AtModifierPreprocessors') {
      return this.#textOf(node).toLowerCase().startsWith('start') ? 'start' : 'end'
    }
    const sign = this.#textOf(node).startsWith('-') ? -1 : 1
    const atMs = Math.round(sign * this.#number(node).value * 1000)
    if (!Number.isSafeInteger(atMs))
      throw this.#error('timestamp out of bounds for @ modifier', node)
    return atMs
  }

  #call(node: SyntaxNode): Node {
    const [nameNode, body] = children(node)
    const name = this.#textOf(required(nameNode))
    const feature = LEFT_OUT[name]
    if (feature !== undefined) throw new UnsupportedFeatureError(feature)
    if (SIGNATURES[name] === undefined)
      throw this.#error(`unknown function with name "${name}"`, required(nameNode))
    return {
      kind: 'call',
      span: { from: node.from, to: node.to },
      name,
      args: children(required(body)).map((argument) => this.#expression(argument)),
    }
  }

  #aggregate(node: SyntaxNode): Node {
    const operator = this.#textOf(required(node.getChild('AggregateOp'))).toLowerCase()
    if (LEFT_OUT_AGGREGATIONS.has(operator))
      throw new UnsupportedFeatureError('experimental functions')
    const args = children(required(node.getChild('FunctionCallBody'))).map((one) =>
      this.#expression(one),
    )
    const takesParameter = ['quantile', 'topk', 'bottomk', 'count_values'].includes(operator)
    const wanted = takesParameter ? 2 : 1
    if (args.length !== wanted) {
      throw this.#error(
        `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
        node,
      )
    }
    const modifier = node.getChild('AggregateModifier')
    return {
      kind: 'aggregate',
      span: { from: node.from, to: node.to },
      operator: operator as AggregateOperator,
      parameter: takesParameter ? required(args[0]) : null,
      operand: required(args.at(-1)),
      without: modifier?.getChild('Without') != null,
      grouping: modifier === null ? [] : this.#labelList(modifier.getChild('GroupingLabels')),
    }
  }

  #labelList(list: SyntaxNode | null): string[] {
    return list === null ? [] : children(list).map((label) => this.#labelName(label))
  }

  #binary(node: SyntaxNode, operator: BinaryOperator, left: Node, right: Node): Node {
    return {
      kind: 'binary',
      span: { from: left.span.from, to: right.span.to },
      operator,
      left,
      right,
      returnsBool: node.getChild('BoolModifier') !== null,
      matching: this.#matching(node, operator),
    }
  }

  #matching(node: SyntaxNode, operator: BinaryOperator): VectorMatching {
    const isSet = (SET_OPERATORS as readonly string[]).includes(operator)
    const clause = node.getChild('MatchingModifierClause')
    if (clause === null) {
      return {
        cardinality: isSet ? 'many-to-many' : 'one-to-one',
        on: false,
        labels: [],
        include: [],
      }
    }
    const lists = clause.getChildren('GroupingLabels')
    const grouped: MatchCardinality | null =
      clause.getChild('GroupLeft') !== null
        ? 'many-to-one'
        : clause.getChild('GroupRight') !== null
          ? 'one-to-many'
          : null
    if (grouped !== null && isSet)
      throw this.#error(`no grouping allowed for "${operator}" operation`, node)
    const on = clause.getChild('On') !== null
    const labels = this.#labelList(lists[0] ?? null)
    const include = this.#labelList(lists[1] ?? null)
    const twice = on ? labels.find((label) => include.includes(label)) : undefined
    if (twice !== undefined) {
      throw this.#error(`label "${twice}" must not occur in ON and GROUP clause at once`, node)
    }
    return { cardinality: isSet ? 'many-to-many' : (grouped ?? 'one-to-one'), on, labels, include }
  }

  #positiveDuration(node: SyntaxNode): number {
    const durationMs = this.#duration(node)
    if (durationMs <= 0) throw this.#error('duration must be greater than 0', node)
    return durationMs
  }

  /** Milliseconds of a literal, signed or in parentheses; arithmetic on durations is left out. */
  #duration(node: SyntaxNode): number {
    const text = this.#textOf(node)
    const literal = /^\s*([+-]?)\s*([\w.]+)\s*$/.exec(text)
    if (literal === null) throw new UnsupportedFeatureError('duration expressions')
    const magnitude = literal[2] ?? ''
    const durationMs = parseDuration(magnitude) ?? secondsToMs(parseNumber(magnitude))
    if (durationMs === null)
      throw this.#error(`bad number or duration syntax: ${JSON.stringify(text)}`, node)
    return literal[1] === '-' ? -durationMs : durationMs
  }

  #textOf(node: SyntaxNode): string {
    return this.#text.slice(node.from, node.to)
  }

  #error(message: string, span: Span): ParseError {
    return new ParseError(message, this.#text, { from: span.from, to: span.to })
  }
}

function secondsToMs(seconds: number | null): number | null {
  return seconds === null || !Number.isFinite(seconds) ? null : Math.round(seconds * 1000)
}

function skipComments(node: SyntaxNode): SyntaxNode {
  let at = node
  while (at.name === 'LineComment' && at.nextSibling !== null) at = at.nextSibling
  return at
}

/** The value behind `offset` or `@`. */
function modifierOf(node: SyntaxNode): SyntaxNode {
  return required(children(node).at(-1))
}

function only(node: SyntaxNode): SyntaxNode {
  return required(children(node)[0])
}

/** The grammar does not know `2.` for 2; positions stay as they are. */
function withoutTrailingDots(text: string): string {
  return text.replace(
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|#.*|(\d)\.(?![\w.])/g,
    (whole, digit: string | undefined) => (digit === undefined ? whole : `${digit} `),
  )
}
