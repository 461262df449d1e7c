const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}
const DURATION = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/

/** Milliseconds of a duration such as `1h30m`; null when it is none. */
export function parseDuration(text: string): number | null {
  if (text === '' || !DURATION.test(text)) return null
  let totalMs = 0
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[ywdhms])/g)) {
    totalMs += Number(count) * (UNIT_MS[unit ?? ''] ?? 0)
  }
  return totalMs
}

/** A number as PromQL writes it: decimal, hexadecimal, octal with a leading 0, `Inf`, `NaN`, or a duration in seconds. */
export function parseNumber(text: string): number | null {
  const sign = text.startsWith('-') ? -1 : 1
  const digits = text.replace(/^[+-]\s*/, '').toLowerCase()
  if (digits === 'inf') return sign * Number.POSITIVE_INFINITY
  if (digits === 'nan') return Number.NaN
  const durationMs = parseDuration(digits)
  if (durationMs !== null) return (sign * durationMs) / 1000
  const plain = digits.replaceAll('_', '')
  if (/^0x[\da-f]+$/.test(plain)) return sign * Number(plain)
  if (/^0[0-7]+$/.test(plain)) return sign * Number.parseInt(plain, 8)
  if (!/^(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/.test(plain)) return null
  return sign * Number(plain)
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}
const ESCAPE = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|[\s\S])/g

/**
 * The text of a quoted literal, with the escapes of Go that Prometheus follows: bytes (`\xff`, `\377`) are
 * UTF-8 together with their neighbours. Between backticks nothing is escaped. Null when it is malformed.
 */
export function parseString(literal: string): string | null {
  const quote = literal[0]
  if (literal.length < 2 || literal.at(-1) !== quote) return null
  const inner = literal.slice(1, -1)
  if (quote === '`') return inner
  if (/[\n]/.test(inner)) return null
  if (!inner.includes('\\')) return inner
  return decodeEscapes(inner, quote ?? '"')
}

function decodeEscapes(inner: string, quote: string): string | null {
  const parts: Buffer[] = []
  let from = 0
  for (const found of inner.matchAll(ESCAPE)) {
    const bytes = escaped(found[1] ?? '', quote)
    if (bytes === null) return null
    parts.push(Buffer.from(inner.slice(from, found.index)), bytes)
    from = found.index + found[0].length
  }
  parts.push(Buffer.from(inner.slice(from)))
  return Buffer.concat(parts).toString()
}

function escaped(sequence: string, quote: string): Buffer | null {
  const simple = SIMPLE_ESCAPES[sequence]
  if (simple !== undefined) {
    const otherQuote = (sequence === "'" || sequence === '"') && sequence !== quote
    return otherQuote ? null : Buffer.from(simple)
  }
  if (/^x[\da-fA-F]{2}$/.test(sequence))
    return Buffer.from([Number.parseInt(sequence.slice(1), 16)])
  if (/^[0-7]{3}$/.test(sequence)) {
    const byte = Number.parseInt(sequence, 8)
    return byte > 255 ? null : Buffer.from([byte])
  }
  if (!/^[uU][\da-fA-F]+$/.test(sequence)) return null
  const point = Number.parseInt(sequence.slice(1), 16)
  const valid = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
  return valid ? Buffer.from(String.fromCodePoint(point)) : null
}
