import type { Matcher } from '../model/matcher.ts'
import type { Span } from '../promql-error.ts'

export type ValueType = 'scalar' | 'string' | 'vector' | 'matrix'

export const ARITHMETIC = ['+', '-', '*', '/', '%', '^', 'atan2'] as const
export const COMPARISONS = ['==', '!=', '>', '<', '>=', '<='] as const
export const SET_OPERATORS = ['and', 'or', 'unless'] as const
export type ArithmeticOperator = (typeof ARITHMETIC)[number]
export type ComparisonOperator = (typeof COMPARISONS)[number]
export type SetOperator = (typeof SET_OPERATORS)[number]
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator

export type AggregateOperator =
  | 'sum'
  | 'avg'
  | 'count'
  | 'min'
  | 'max'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'quantile'
  | 'topk'
  | 'bottomk'
  | 'count_values'

/** `@`: a fixed time in Unix ms, or an end of the whole query. */
export type AtModifier = number | 'start' | 'end' | null

export interface NumberNode {
  readonly kind: 'number'
  readonly span: Span
  readonly value: number
}

export interface StringNode {
  readonly kind: 'string'
  readonly span: Span
  readonly value: string
}

export interface VectorSelectorNode {
  readonly kind: 'vector-selector'
  readonly span: Span
  /** The metric's name where it stands before the braces, else empty. */
  readonly name: string
  /** Holds the metric's name too, as a matcher of `__name__`. */
  readonly matchers: readonly Matcher[]
  readonly offsetMs: number
  readonly at: AtModifier
}

export interface MatrixSelectorNode {
  readonly kind: 'matrix-selector'
  readonly span: Span
  readonly selector: VectorSelectorNode
  readonly rangeMs: number
}

export interface SubqueryNode {
  readonly kind: 'subquery'
  readonly span: Span
  readonly body: Node
  readonly rangeMs: number
  /** Null: the engine's default. */
  readonly stepMs: number | null
  readonly offsetMs: number
  readonly at: AtModifier
}

export interface UnaryNode {
  readonly kind: 'unary'
  readonly span: Span
  readonly operator: '+' | '-'
  readonly operand: Node
}

export type MatchCardinality = 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many'

/** How series of two vectors find one another. */
export interface VectorMatching {
  readonly cardinality: MatchCardinality
  /** Whether `labels` are the ones to compare (`on`) or the ones to leave out (`ignoring`, and the default of none). */
  readonly on: boolean
  readonly labels: readonly string[]
  /** Labels that group_left or group_right takes over from the side of one. */
  readonly include: readonly string[]
}

export interface BinaryNode {
  readonly kind: 'binary'
  readonly span: Span
  readonly operator: BinaryOperator
  readonly left: Node
  readonly right: Node
  readonly returnsBool: boolean
  /** Null unless both sides are vectors. */
  readonly matching: VectorMatching | null
}

export interface AggregateNode {
  readonly kind: 'aggregate'
  readonly span: Span
  readonly operator: AggregateOperator
  readonly parameter: Node | null
  readonly operand: Node
  readonly without: boolean
  readonly grouping: readonly string[]
}

export interface CallNode {
  readonly kind: 'call'
  readonly span: Span
  readonly name: string
  readonly args: readonly Node[]
}

export interface ParenNode {
  readonly kind: 'paren'
  readonly span: Span
  readonly inner: Node
}

export type Node =
  | NumberNode
  | StringNode
  | VectorSelectorNode
  | MatrixSelectorNode
  | SubqueryNode
  | UnaryNode
  | BinaryNode
  | AggregateNode
  | CallNode
  | ParenNode

/** The node inside any number of parentheses. */
export function unwrap(node: Node): Node {
  let inner = node
  while (inner.kind === 'paren') inner = inner.inner
  return inner
}

/** An argument that the signature of its function asks for. */
export function argument(node: CallNode, at: number): Node {
  const found = node.args[at]
  if (found === undefined) throw new Error(`${node.name} lacks argument ${at + 1}`)
  return found
}
