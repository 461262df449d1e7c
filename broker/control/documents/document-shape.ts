import type { Json, JsonObject } from '../../../audit/index.ts'

/**
 * What is wrong with a value, or null. A fault names the place and never the value: what somebody
 * put into the wrong member may be a secret.
 */
export type Shape = (value: Json, path: string) => string | null

export interface Members {
  readonly [name: string]: Shape
}

const MAX_TEXT_LENGTH = 16_384

/** A text of at least one character. */
export function text(maxLength = MAX_TEXT_LENGTH): Shape {
  return (value, path) => {
    if (typeof value !== 'string') return `${path} must be a text`
    if (value === '') return `${path} must not be empty`
    return value.length > maxLength ? `${path} has more than ${maxLength} characters` : null
  }
}

/** A text that may be empty. */
export function anyText(maxLength = MAX_TEXT_LENGTH): Shape {
  const filled = text(maxLength)
  return (value, path) => (value === '' ? null : filled(value, path))
}

export function matching(pattern: RegExp, what: string, maxLength = 256): Shape {
  const any = text(maxLength)
  return (value, path) =>
    any(value, path) ?? (pattern.test(String(value)) ? null : `${path} must be ${what}`)
}

/** As Prometheus writes them: `90s`, `1h30m`. */
export const duration: Shape = (value, path) => {
  const pattern = /^(0|(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?)$/
  const isDuration = typeof value === 'string' && value !== '' && pattern.test(value)
  return isDuration ? null : `${path} must be a duration such as 30s or 1h30m`
}

export const boolean: Shape = (value, path) =>
  typeof value === 'boolean' ? null : `${path} must be true or false`

export function numberFrom(minimum: number, maximum: number, isWhole = true): Shape {
  return (value, path) => {
    const isNumber =
      typeof value === 'number' && (isWhole ? Number.isSafeInteger(value) : Number.isFinite(value))
    if (isNumber && value >= minimum && value <= maximum) return null
    return `${path} must be a ${isWhole ? 'whole ' : ''}number from ${minimum} to ${maximum}`
  }
}

export function oneOf(...values: readonly string[]): Shape {
  return (value, path) =>
    typeof value === 'string' && values.includes(value)
      ? null
      : `${path} must be one of ${values.join(', ')}`
}

export function listOf(item: Shape, maxItems: number): Shape {
  return (value, path) => {
    if (!isList(value)) return `${path} must be a list`
    if (value.length > maxItems) return `${path} has more than ${maxItems} items`
    return firstFault(value.map((one, index) => () => item(one, `${path}[${index}]`)))
  }
}

const MAX_ENTRIES = 200
const MAX_KEY_LENGTH = 256

/** An object with any names. Names are not shown when they are long. */
export function mapOf(item: Shape, name: RegExp = /./): Shape {
  return (value, path) => {
    if (!isObject(value)) return `${path} must be an object`
    const entries = Object.entries(value)
    if (entries.length > MAX_ENTRIES) return `${path} has more than ${MAX_ENTRIES} members`
    return firstFault(
      entries.map(([key, one]) => () => {
        if (key.length > MAX_KEY_LENGTH || !name.test(key)) return `${path} has a name that is none`
        return item(one ?? null, `${path}.${key}`)
      }),
    )
  }
}

/** An object with these members and no others. */
export function objectOf(members: Members, required: readonly string[] = []): Shape {
  return (value, path) => {
    if (!isObject(value)) return `${path} must be an object`
    const missing = required.find((name) => value[name] === undefined)
    if (missing !== undefined) return `${path} needs ${missing}`
    return firstFault(
      Object.entries(value).map(([name, member]) => () => {
        if (member === undefined) return null
        const shape = Object.hasOwn(members, name) ? members[name] : undefined
        // The name alone: what stands beside it may be a password that was put into a member that is none.
        if (!shape) return `${path} has a member that is not known: ${name.slice(0, 64)}`
        return shape(member, path === '' ? name : `${path}.${name}`)
      }),
    )
  }
}

function firstFault(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const fault = check()
    if (fault !== null) return fault
  }
  return null
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** What is wrong with the size of a document, or null. */
export function sizeFault(document: Json, maxBytes: number, what: string): string | null {
  const sizeBytes = Buffer.byteLength(JSON.stringify(document))
  return sizeBytes > maxBytes ? `${what} takes at most ${maxBytes} bytes` : null
}

/** Deeper than this nothing is kept: what reads it later goes down by calls. */
const MAX_DEPTH = 64

export function isTooDeep(document: Json, maxDepth = MAX_DEPTH): boolean {
  let level: readonly Json[] = [document]
  for (let depth = 0; depth < maxDepth; depth++) {
    level = level.flatMap(membersOf)
    if (level.length === 0) return false
  }
  return true
}

/**
 * What is wrong with a document as a whole, or null. A record cannot hold text with half a surrogate
 * pair, which JSON can spell.
 */
export function documentFault(document: Json, maxBytes: number, what: string): string | null {
  if (isTooDeep(document)) return `${what} is nested too deeply`
  const fault = sizeFault(document, maxBytes, what)
  if (fault !== null) return fault
  return isWellFormed(document) ? null : `${what} has text that is not well-formed Unicode`
}

function isWellFormed(value: Json): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (isObject(value) && !Object.keys(value).every((name) => name.isWellFormed())) return false
  return membersOf(value).every(isWellFormed)
}

/** The same, with the replacement character for each half of a surrogate pair. */
export function wellFormed(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed()
  if (isList(value)) return value.map(wellFormed)
  if (!isObject(value)) return value
  const members = Object.entries(value).map(([name, member]) => {
    return [name.toWellFormed(), member === undefined ? undefined : wellFormed(member)] as const
  })
  return Object.fromEntries(members)
}

function membersOf(value: Json): readonly Json[] {
  if (isList(value)) return value
  return isObject(value) ? Object.values(value).map((member) => member ?? null) : []
}
