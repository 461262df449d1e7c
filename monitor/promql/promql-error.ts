/** Where something stands in an expression: UTF-16 offsets, the end excluded. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** `LINE:COLUMN`, both from 1, as Prometheus prints positions. */
export function describePosition(expression: string, offset: number): string {
  const before = expression.slice(0, offset)
  const line = before.split('\n').length
  return `${line}:${offset - before.lastIndexOf('\n')}`
}

/** The expression is not PromQL, or not one that can be evaluated. `position` is `LINE:COLUMN`. */
export class ParseError extends Error {
  readonly position: string
  readonly span: Span

  constructor(message: string, expression: string, span: Span) {
    const position = describePosition(expression, span.from)
    super(`${position}: parse error: ${message}`)
    this.name = 'ParseError'
    this.position = position
    this.span = span
  }
}

/** The expression is PromQL, and what it asks of the data cannot be answered. */
export class EvaluationError extends Error {
  override readonly name: string = 'EvaluationError'
}

/** A part of PromQL that this engine leaves out, by name: native histograms, experimental functions and the like. */
export class UnsupportedFeatureError extends Error {
  readonly feature: string

  constructor(feature: string) {
    super(`not supported: ${feature}`)
    this.name = 'UnsupportedFeatureError'
    this.feature = feature
  }
}
