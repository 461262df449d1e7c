/** Text between actions, or a token within one. `at` is an offset into the template. */
export type Token =
  | { readonly kind: 'text'; readonly text: string; readonly at: number }
  | { readonly kind: 'open' | 'close'; readonly at: number }
  | { readonly kind: 'string'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  /** `$name`; `$` alone is what the template was given. */
  | { readonly kind: 'variable'; readonly name: string; readonly at: number }
  /** `.Name`, directly behind something or not; `.` alone is the current value. */
  | {
      readonly kind: 'field'
      readonly name: string
      readonly attached: boolean
      readonly at: number
    }
  | { readonly kind: 'word'; readonly name: string; readonly at: number }
  | {
      readonly kind: 'symbol'
      readonly symbol: '|' | '(' | ')' | ',' | ':=' | '='
      readonly at: number
    }

/** The template is malformed, or cannot be filled in. */
export class TemplateError extends Error {
  override readonly name: string = 'TemplateError'
}

const TOKENS: readonly (readonly [
  RegExp,
  (text: string, at: number, attached: boolean) => Token,
])[] = [
  [/"(?:[^"\\\n]|\\.)*"/y, (text, at) => ({ kind: 'string', value: unquote(text), at })],
  [/`[^`]*`/y, (text, at) => ({ kind: 'string', value: text.slice(1, -1), at })],
  [
    /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y,
    (text, at) => ({ kind: 'number', value: Number(text), at }),
  ],
  [/\$\w*/y, (text, at) => ({ kind: 'variable', name: text.slice(1), at })],
  [/\.\w*/y, (text, at, attached) => ({ kind: 'field', name: text.slice(1), attached, at })],
  [/[A-Za-z_]\w*/y, (text, at) => ({ kind: 'word', name: text, at })],
  [/:=|[|(),=]/y, (text, at) => ({ kind: 'symbol', symbol: text as '|', at })],
]

/**
 * Takes a template of Go's text/template apart. `{{-` and `-}}` take the white space beside them away;
 * comments are left out.
 */
export function tokenize(template: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let trim = false
  while (at < template.length) {
    const open = template.indexOf('{{', at)
    const end = open < 0 ? template.length : open
    const trimsBefore = open >= 0 && /^\{\{-\s/.test(template.slice(open, open + 4))
    let text = template.slice(at, end)
    if (trim) text = text.trimStart()
    if (trimsBefore) text = text.trimEnd()
    if (text !== '') tokens.push({ kind: 'text', text, at })
    if (open < 0) break
    const inside = open + (trimsBefore ? 3 : 2)
    const action = readAction(template, inside, open)
    tokens.push(...action.tokens)
    at = action.end
    trim = action.trims
  }
  return tokens
}

function readAction(
  template: string,
  from: number,
  open: number,
): { tokens: Token[]; end: number; trims: boolean } {
  const comment = /\s*\/\*[\s\S]*?\*\/\s*(-?)\}\}/y
  comment.lastIndex = from
  const found = comment.exec(template)
  if (found !== null) return { tokens: [], end: comment.lastIndex, trims: found[1] === '-' }
  const tokens: Token[] = [{ kind: 'open', at: open }]
  let at = from
  for (;;) {
    const space = /\s*/y
    space.lastIndex = at
    const before = at
    space.exec(template)
    at = space.lastIndex
    const close = /-?\}\}/y
    close.lastIndex = at
    const closing = close.exec(template)?.[0]
    if (closing !== undefined && (closing === '}}' || at > before)) {
      tokens.push({ kind: 'close', at })
      return { tokens, end: close.lastIndex, trims: closing === '-}}' }
    }
    const token = readToken(template, at, at === before && tokens.length > 1)
    if (token === null)
      throw new TemplateError(`unexpected ${JSON.stringify(template.slice(at, at + 10))} at ${at}`)
    tokens.push(token.token)
    at = token.end
  }
}

function readToken(
  template: string,
  at: number,
  attached: boolean,
): { token: Token; end: number } | null {
  for (const [pattern, create] of TOKENS) {
    pattern.lastIndex = at
    const text = pattern.exec(template)?.[0]
    if (text !== undefined) return { token: create(text, at, attached), end: at + text.length }
  }
  return null
}

function unquote(text: string): string {
  try {
    return JSON.parse(text.replace(/\\([^"\\/bfnrtu])/g, '$1')) as string
  } catch {
    throw new TemplateError(`malformed string ${text}`)
  }
}
