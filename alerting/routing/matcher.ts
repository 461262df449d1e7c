import { RE2JS } from 're2js'
import type { LabelSet } from '../alerts/label-set.ts'

export type MatchOperator = '=' | '!=' | '=~' | '!~'

/** A regular expression in a matcher is not one. */
export class MatcherError extends Error {
  override readonly name: string = 'MatcherError'
}

const MAX_PATTERN_LENGTH = 4_096

/**
 * One condition on a label. Regular expressions are RE2's, so that none takes more than linear time,
 * and match whole values. A label that is not there counts as empty.
 */
export class Matcher {
  readonly label: string
  readonly operator: MatchOperator
  readonly value: string
  readonly #accepts: (value: string) => boolean

  /** Throws a MatcherError for an expression that RE2 refuses. */
  constructor(label: string, operator: MatchOperator, value: string) {
    this.label = label
    this.operator = operator
    this.value = value
    this.#accepts = this.isRegex ? compileWhole(value) : (other) => other === value
  }

  get isRegex(): boolean {
    return this.operator === '=~' || this.operator === '!~'
  }

  /** Whether it asks for what it names, not for everything else. */
  get isEqual(): boolean {
    return this.operator === '=' || this.operator === '=~'
  }

  matches(labels: LabelSet): boolean {
    const value = Object.hasOwn(labels, this.label) ? labels[this.label] : undefined
    return this.#accepts(value ?? '') === this.isEqual
  }

  toString(): string {
    const label = /^[a-zA-Z_:][\w:]*$/.test(this.label) ? this.label : JSON.stringify(this.label)
    return `${label}${this.operator}${JSON.stringify(this.value)}`
  }
}

export function matchesAll(matchers: readonly Matcher[], labels: LabelSet): boolean {
  return matchers.every((matcher) => matcher.matches(labels))
}

/** As Alertmanager writes them, and so as keys of routes contain them: `{a="1",b=~"2"}`. */
export function formatMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.map(String).join(',')}}`
}

function compileWhole(pattern: string): (value: string) => boolean {
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new MatcherError(`a regular expression of more than ${MAX_PATTERN_LENGTH} characters`)
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.DOTALL)
    return (value) => compiled.matches(value)
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new MatcherError(`not a regular expression: ${detail}`, { cause })
  }
}
