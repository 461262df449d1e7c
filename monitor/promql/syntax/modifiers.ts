import type { Span } from '../promql-error.ts'
import { ParseError } from '../promql-error.ts'
import type { AtModifier, Node } from './ast.ts'

/**
 * What stands in front of `offset`, with it; `text` is the whole expression.
 * @throws ParseError where nothing may have an offset, or has one
 */
export function withOffset(inner: Node, offsetMs: number, span: Span, text: string): Node {
  const once = (set: number) => {
    if (set !== 0) throw new ParseError('offset may not be set multiple times', text, span)
  }
  switch (inner.kind) {
    case 'vector-selector':
    case 'subquery':
      once(inner.offsetMs)
      return { ...inner, span, offsetMs }
    case 'matrix-selector':
      once(inner.selector.offsetMs)
      return { ...inner, span, selector: { ...inner.selector, offsetMs } }
    default:
      throw new ParseError(
        'offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
        text,
        span,
      )
  }
}

/**
 * What stands in front of `@`, with it; `text` is the whole expression.
 * @throws ParseError where nothing may have a time, or has one
 */
export function withAt(inner: Node, at: AtModifier, span: Span, text: string): Node {
  const once = (set: AtModifier) => {
    if (set !== null)
      throw new ParseError('@ <timestamp> may not be set multiple times', text, span)
  }
  switch (inner.kind) {
    case 'vector-selector':
    case 'subquery':
      once(inner.at)
      return { ...inner, span, at }
    case 'matrix-selector':
      once(inner.selector.at)
      return { ...inner, span, selector: { ...inner.selector, at } }
    default:
      throw new ParseError(
        '@ modifier must be preceded by an instant vector selector or range vector selector or a subquery',
        text,
        span,
      )
  }
}
