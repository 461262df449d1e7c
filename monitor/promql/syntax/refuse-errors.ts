import type { SyntaxNode } from '@lezer/common'
import type { Span } from '../promql-error.ts'
import { ParseError, UnsupportedFeatureError } from '../promql-error.ts'
import { LEFT_OUT, SIGNATURES } from './signatures.ts'

/** Kinds of nodes that belong to what this engine leaves out. */
const LEFT_OUT_SYNTAX: Readonly<Record<string, string>> = {
  AnchoredExpr: 'anchored and smoothed',
  SmoothedExpr: 'anchored and smoothed',
  FillModifier: 'fill modifiers',
  TrimUpper: 'native histograms',
  TrimLower: 'native histograms',
}

/**
 * The grammar goes on behind an error; Prometheus does not. Says what it can about the first one.
 * @throws ParseError with the position of what is wrong
 * @throws UnsupportedFeatureError for valid PromQL that the engine leaves out
 */
export function refuseErrors(top: SyntaxNode, text: string): void {
  const cursor = top.cursor()
  do {
    const feature = LEFT_OUT_SYNTAX[cursor.name]
    if (feature !== undefined) throw new UnsupportedFeatureError(feature)
    if (!cursor.type.isError) continue
    refuseLeftOutWords(text)
    throw syntaxError(text, { from: cursor.from, to: cursor.to })
  } while (cursor.next())
}

/** The grammar does not know some experimental words yet and calls them errors. */
function refuseLeftOutWords(text: string): void {
  const code = text.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|#.*/g, '""')
  if (/\bfill(_left|_right)?\s*\(/.test(code)) throw new UnsupportedFeatureError('fill modifiers')
  if (/\b(anchored|smoothed)\b/.test(code))
    throw new UnsupportedFeatureError('anchored and smoothed')
  if (/\b(step|range|min_of|max_of)\s*\(/i.test(code))
    throw new UnsupportedFeatureError('duration expressions')
  for (const [, name] of code.matchAll(/\b(\w+)\s*\(/g)) {
    const feature = LEFT_OUT[name ?? '']
    if (feature !== undefined) throw new UnsupportedFeatureError(feature)
  }
}

function syntaxError(text: string, span: Span): ParseError {
  const call = /([A-Za-z_]\w*)\s*$/.exec(text.slice(0, span.from))
  const next = text.slice(span.from).trimStart()
  if (call?.[1] !== undefined && next.startsWith('(') && SIGNATURES[call[1]] === undefined) {
    return new ParseError(`unknown function with name "${call[1]}"`, text, {
      from: call.index,
      to: call.index + call[1].length,
    })
  }
  if (next === '')
    return new ParseError('unexpected end of input', text, {
      from: text.length,
      to: text.length,
    })
  const token = /^(?:[\w:.]+|"[^"]*"?|'[^']*'?|`[^`]*`?|[=!<>~]+|.)/.exec(next)?.[0] ?? next[0]
  const from = text.length - next.length
  return new ParseError(`unexpected ${JSON.stringify(token)}`, text, {
    from,
    to: from + (token?.length ?? 1),
  })
}
