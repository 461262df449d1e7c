import { RE2JS } from 're2js'
import type { Labels } from './labels.ts'

export type MatchOperator = '=' | '!=' | '=~' | '!~'

/** Text that means itself in a regular expression. */
const PLAIN = /^[\w :/,@%-]*$/

/** One condition on a label. Regular expressions are RE2's, so none takes more than linear time, and match whole values. */
export class Matcher {
  readonly name: string
  readonly operator: MatchOperator
  readonly value: string
  readonly #accepts: (value: string) => boolean

  /** Throws RE2's own error for a malformed expression. */
  constructor(name: string, operator: MatchOperator, value: string) {
    this.name = name
    this.operator = operator
    this.value = value
    this.#accepts = acceptor(operator, value)
  }

  /** A label that a series lacks counts as empty. */
  accepts(value: string): boolean {
    return this.#accepts(value)
  }

  matches(labels: Labels): boolean {
    return this.#accepts(labels.get(this.name))
  }

  toString(): string {
    return `${this.name}${this.operator}${JSON.stringify(this.value)}`
  }
}

function acceptor(operator: MatchOperator, value: string): (value: string) => boolean {
  switch (operator) {
    case '=':
      return (other) => other === value
    case '!=':
      return (other) => other !== value
    case '=~':
      return compileWhole(value)
    case '!~': {
      const accepts = compileWhole(value)
      return (other) => !accepts(other)
    }
  }
}

/** What dashboards ask for mostly is a list of names, `.*` or `.+`: those need no automaton. */
function compileWhole(pattern: string): (value: string) => boolean {
  if (pattern === '.*') return () => true
  if (pattern === '.+') return (value) => value !== ''
  const alternatives = pattern.split('|')
  if (alternatives.every((one) => PLAIN.test(one))) {
    const wanted = new Set(alternatives)
    return (value) => wanted.has(value)
  }
  const compiled = RE2JS.compile(pattern, RE2JS.DOTALL)
  return (value) => compiled.matches(value)
}
