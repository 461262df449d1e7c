import { abbreviate } from '../../kit/index.ts'
import type { MatchOperator } from './matcher.ts'
import { Matcher, MatcherError } from './matcher.ts'

/**
 * Conditions as people write them: `a="1"`, `{a="1", b=~"x|y"}`, `"any name"="any value"`, `a=1`.
 * Read by the rules of Alertmanager's parser for UTF-8 first, by those of its old one where that fails
 * (`foo=~^a.*$` has characters that need quotes now). Throws a MatcherError that says where it stopped.
 */
export function parseMatchers(text: string): Matcher[] {
  try {
    return new MatcherParser(text).parse()
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error
    const classic = parseClassic(text)
    if (classic === null) throw error
    return classic
  }
}

/** Exactly one condition. */
export function parseMatcher(text: string): Matcher {
  const [matcher, ...others] = parseMatchers(text)
  if (matcher === undefined || others.length > 0)
    throw new MatcherError(`expected one matcher, got ${others.length + (matcher ? 1 : 0)}`)
  return matcher
}

const OPERATOR = /^(?:=~|!~|!=|=)/
const RESERVED = /[\s{}!=~,\\"'`]/

/** Alertmanager's matcher/parse, by its grammar: `{` and `}` around are free, a comma may end the list. */
class MatcherParser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): Matcher[] {
    this.#skipSpace()
    const isBraced = this.#take('{')
    const matchers: Matcher[] = []
    while (!this.#isAtEnd(isBraced)) {
      matchers.push(this.#matcher())
      this.#skipSpace()
      if (!this.#take(',')) break
    }
    this.#skipSpace()
    if (isBraced && !this.#take('}')) throw this.#expected('a closing brace')
    this.#skipSpace()
    if (this.#at < this.#text.length) throw this.#expected(isBraced ? 'the end' : 'a comma')
    return matchers
  }

  #isAtEnd(isBraced: boolean): boolean {
    this.#skipSpace()
    return this.#at >= this.#text.length || (isBraced && this.#text[this.#at] === '}')
  }

  #matcher(): Matcher {
    const label = this.#word('a label name')
    if (label === '') throw this.#expected('a label name')
    this.#skipSpace()
    const operator = OPERATOR.exec(this.#text.slice(this.#at, this.#at + 2))?.[0]
    if (operator === undefined) throw this.#expected('an operator such as = or =~')
    this.#at += operator.length
    this.#skipSpace()
    return new Matcher(label, operator as MatchOperator, this.#word('a value'))
  }

  #word(what: string): string {
    this.#skipSpace()
    if (this.#text[this.#at] === '"') return this.#quoted()
    const start = this.#at
    while (this.#at < this.#text.length && !RESERVED.test(this.#text[this.#at] ?? '')) this.#at++
    if (this.#at === start) throw this.#expected(what)
    return this.#text.slice(start, this.#at)
  }

  #quoted(): string {
    const start = this.#at++
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1
    }
    if (!this.#take('"')) throw this.#expected('a closing quote')
    const value = unquote(this.#text.slice(start + 1, this.#at - 1))
    if (value === null) {
      this.#at = start
      throw this.#expected('a quoted text with known escapes')
    }
    return value
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #expected(what: string): MatcherError {
    const rest = this.#text.slice(this.#at)
    const found = rest === '' ? 'the end' : JSON.stringify(abbreviate(rest, 20))
    return new MatcherError(
      `${JSON.stringify(abbreviate(this.#text, 80))}: at ${this.#at + 1}: expected ${what}, got ${found}`,
    )
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
}
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.)|$)/gs

/** Escapes of Go's string literals; null for one that it does not know. */
function unquote(text: string): string | null {
  let isKnown = true
  const plain = text.replace(ESCAPE, (_, unit?: string, byte?: string, letter?: string) => {
    const code = unit ?? byte
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    const known = ESCAPES[letter ?? '']
    if (known === undefined) isKnown = false
    return known ?? ''
  })
  return isKnown ? plain : null
}

const CLASSIC = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*([\s\S]*?)\s*$/

/** The parser before 0.27: names of letters, values that may hold anything; null where it too gives up. */
function parseClassic(text: string): Matcher[] | null {
  const inner = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1] ?? text
  const parts = splitOutsideQuotes(inner)
  const matchers: Matcher[] = []
  for (const part of parts) {
    const [, label, operator, raw] = CLASSIC.exec(part) ?? []
    if (label === undefined || operator === undefined || raw === undefined) return null
    const value = classicValue(raw)
    if (value === null) return null
    matchers.push(new Matcher(label, operator as MatchOperator, value))
  }
  return matchers
}

function classicValue(raw: string): string | null {
  const isQuoted = raw.startsWith('"')
  const inner = isQuoted ? raw.slice(1, -1) : raw
  if (isQuoted && (raw.length < 2 || !raw.endsWith('"'))) return null
  // Old values know three escapes only, and leave every other backslash as it is.
  const plain = inner.replace(/\\([n"\\])/g, (_, letter: string) =>
    letter === 'n' ? '\n' : letter,
  )
  return /(?<!\\)"/.test(inner) ? null : plain
}

/** Pieces between commas; a comma in quotes divides nothing. */
function splitOutsideQuotes(text: string): string[] {
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') isQuoted = !isQuoted
    else if (text[at] === ',' && !isQuoted) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts.filter((part, index) => part.trim() !== '' || index < parts.length - 1)
}
