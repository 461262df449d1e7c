import type { TemplateFunctions } from './executor.ts'
import { TemplateError } from './lexer.ts'
import type { TemplateValue } from './template-value.ts'
import { formatValue, isTrue, printf, toText } from './values.ts'

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

/** The functions that Go's text/template itself has. */
export const BUILTIN_FUNCTIONS: TemplateFunctions = {
  and: (...args) => args.find((one) => !isTrue(one)) ?? args.at(-1),
  or: (...args) => args.find(isTrue) ?? args.at(-1),
  not: (value) => !isTrue(value),
  eq: (first, ...others) => others.some((other) => isEqual(first, other)),
  ne: (first, second) => !isEqual(first, second),
  lt: (first, second) => compare(first, second) < 0,
  le: (first, second) => compare(first, second) <= 0,
  gt: (first, second) => compare(first, second) > 0,
  ge: (first, second) => compare(first, second) >= 0,
  len: (value) => {
    if (typeof value === 'string') return Buffer.byteLength(value)
    if (Array.isArray(value)) return value.length
    if (value instanceof Map) return value.size
    throw new TemplateError(`len of ${formatValue(value)}`)
  },
  index: (value, ...keys) => keys.reduce(indexOf, value),
  slice: (value, from, to) => {
    if (typeof value !== 'string' && !Array.isArray(value))
      throw new TemplateError('slice of a value that has no parts')
    return value.slice(Number(from ?? 0), to === undefined ? undefined : Number(to))
  },
  print: (...args) => args.map(formatValue).join(' '),
  println: (...args) => `${args.map(formatValue).join(' ')}\n`,
  printf: (format, ...args) => printf(toText(format), args),
  html: (...args) => escapeHtml(args.map(toText).join('')),
  urlquery: (...args) => encodeURIComponent(args.map(toText).join('')),
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => HTML_ESCAPES[character] ?? character)
}

function isEqual(a: TemplateValue, b: TemplateValue): boolean {
  if (typeof a !== typeof b) throw new TemplateError('incompatible types for comparison')
  return Object.is(a, b) || a === b
}

function compare(a: TemplateValue, b: TemplateValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  throw new TemplateError('incompatible types for comparison')
}

function indexOf(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (value instanceof Map) return value.get(String(key)) ?? ''
  if (Array.isArray(value) && typeof key === 'number' && key in value)
    return value[key] as TemplateValue
  throw new TemplateError(`cannot index ${formatValue(value)} by ${formatValue(key)}`)
}
