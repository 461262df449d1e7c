import { formatSample } from '../../promql/index.ts'
import { TemplateError } from './lexer.ts'
import type { TemplateValue } from './template-value.ts'

/** As Go's templates decide: empty values are false. */
export function isTrue(value: TemplateValue): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map) return value.size > 0
  if (typeof value === 'number') return value !== 0
  return value !== '' && value !== false && value !== null && value !== undefined
}

/** As Go prints a value with `%v`. */
export function formatValue(value: TemplateValue): string {
  if (value === null || value === undefined) return '<no value>'
  if (typeof value === 'number') return formatNumber(value)
  if (Array.isArray(value)) return `[${value.map(formatValue).join(' ')}]`
  if (value instanceof Map) {
    return `map[${[...value]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => `${key}:${formatValue(one)}`)
      .join(' ')}]`
  }
  if (typeof value === 'object') return `{${Object.values(value).map(formatValue).join(' ')}}`
  return String(value)
}

/** `%v` of a float64: with an exponent from 1e21, and below 1e-4. */
export function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  if (Number.isNaN(value)) return 'NaN'
  if (value !== 0 && Math.abs(value) < 1e-4)
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return formatSample(value)
}

/** A number, or text that is one: functions that humanize take both. */
export function toNumber(value: TemplateValue): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && value.trim() !== '') {
    const text = value.trim().replace(/^([+-]?)inf(?:inity)?$/i, '$1Infinity')
    const number = Number(text)
    if (!Number.isNaN(number) || /^nan$/i.test(text)) return number
  }
  throw new TemplateError(`can't convert ${formatValue(value)} to float`)
}

export function toText(value: TemplateValue): string {
  return typeof value === 'string' ? value : formatValue(value)
}

/** Go's Sprintf, with the verbs that templates of alerts use. */
export function printf(format: string, args: readonly TemplateValue[]): string {
  let next = 0
  const filled = format.replace(
    /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (
      whole,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      verb: string,
    ) => {
      if (verb === '%') return '%'
      if (next >= args.length) return `%!${verb}(MISSING)`
      const text = formatVerb(
        args[next++],
        verb,
        precision === undefined ? null : Number(precision),
        flags,
      )
      if (text === null) return `%!${verb}(${whole})`
      const padded = flags.includes('0') && !flags.includes('-') ? '0' : ' '
      return flags.includes('-')
        ? text.padEnd(Number(width ?? 0))
        : text.padStart(Number(width ?? 0), padded)
    },
  )
  return next < args.length
    ? `${filled}%!(EXTRA ${args.slice(next).map(formatValue).join(', ')})`
    : filled
}

function formatVerb(
  value: TemplateValue,
  verb: string,
  precision: number | null,
  flags: string,
): string | null {
  const sign = (number: number, text: string) =>
    flags.includes('+') && number >= 0 ? `+${text}` : text
  switch (verb) {
    case 'v':
      return formatValue(value)
    case 's':
      return precision === null ? toText(value) : toText(value).slice(0, precision)
    case 'q':
      return JSON.stringify(toText(value))
    case 't':
      return String(isTrue(value))
    case 'd':
      return typeof value === 'number' && Number.isInteger(value)
        ? sign(value, String(value))
        : null
    case 'x':
      return typeof value === 'number'
        ? value.toString(16)
        : Buffer.from(toText(value)).toString('hex')
    case 'f':
    case 'F':
      return typeof value === 'number' ? sign(value, fixed(value, precision ?? 6)) : null
    case 'e':
      return typeof value === 'number'
        ? sign(value, value.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2'))
        : null
    case 'g':
      return typeof value === 'number' ? sign(value, general(value, precision)) : null
    default:
      return null
  }
}

function fixed(value: number, precision: number): string {
  return Number.isFinite(value) ? value.toFixed(Math.min(100, precision)) : formatNumber(value)
}

/** `%g` with a precision counts digits, and takes an exponent where the number has more before its point. */
export function general(value: number, precision: number | null): string {
  if (precision === null || !Number.isFinite(value) || value === 0) return formatNumber(value)
  const digits = Math.max(1, Math.min(100, precision))
  const rounded = Number(value.toPrecision(digits))
  const exponent = Math.floor(Math.log10(Math.abs(rounded)))
  if (exponent >= -4 && exponent < digits) return formatNumber(rounded)
  return rounded.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}
