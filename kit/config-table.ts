import { abbreviate } from './text.ts'

/**
 * One row per configuration key, and everything else derives from it: parsing, validation, what
 * DescribeConfigs and the generated documentation show, and what must be redacted.
 */
export type ConfigRow = ConfigKind & ConfigStatus & ConfigDescription

interface ConfigDescription {
  /** One or two sentences for somebody who decides whether to set it. */
  readonly doc: string
  /** Can be changed while the process runs. */
  readonly dynamic?: boolean
  /** Never shown, logged or recorded. */
  readonly secret?: boolean
}

/** The default is the text that somebody would write; null is "not set", and then the value is null. */
type ConfigKind =
  | { readonly type: 'boolean'; readonly default: string | null }
  | {
      readonly type: 'string'
      readonly default: string | null
      readonly oneOf?: readonly string[]
      /** Answers what is wrong with the text, or null. */
      readonly check?: (text: string) => string | null
    }
  | {
      /** Comma-separated. `oneOf` limits the elements. */
      readonly type: 'list'
      readonly default: string | null
      readonly oneOf?: readonly string[]
      readonly minItems?: number
    }
  | {
      /**
       * `int` has 32 bits. `long` has 64: its value saturates at the safe integers, which in every
       * unit we know is for ever. `bytes` and `duration` (in milliseconds) also take a unit: `64MiB`, `7d`.
       */
      readonly type: 'int' | 'long' | 'double' | 'bytes' | 'duration'
      readonly default: string | null
      readonly min?: number
      readonly max?: number
      readonly check?: (value: number) => string | null
    }

type ConfigStatus =
  | {
      readonly status: 'active'
      /** The test that shows its effect, as a path from the repository's root. */
      readonly shownBy: string
    }
  | {
      /** Known, but without effect here: only its default is accepted. */
      readonly status: 'inert'
      readonly because: string
    }

export type ConfigRows = Readonly<Record<string, ConfigRow>>

/** `log.retention.ms` and `data-dir` as property names: `logRetentionMs`, `dataDir`. */
export type PropertyName<Name extends string> = Name extends `${infer Head}.${infer Tail}`
  ? `${Head}${Capitalize<PropertyName<Tail>>}`
  : Name extends `${infer Head}-${infer Tail}`
    ? `${Head}${Capitalize<PropertyName<Tail>>}`
    : Name

type Element<Row> = Row extends { readonly oneOf: readonly (infer One)[] } ? One : string

type Present<Row> = Row extends { readonly type: 'boolean' }
  ? boolean
  : Row extends { readonly type: 'string' }
    ? Element<Row>
    : Row extends { readonly type: 'list' }
      ? readonly Element<Row>[]
      : number

/** The value of one row: null only where the default is null. */
export type ConfigValue<Row> =
  | Present<Row>
  | (Row extends { readonly default: null } ? null : never)

/** The values of a table by property name. */
export type ConfigValues<Rows extends ConfigRows> = {
  readonly [Name in keyof Rows & string as PropertyName<Name>]: ConfigValue<Rows[Name]>
}

export interface ConfigFault {
  readonly name: string
  readonly message: string
}

/** Thrown with every fault of a configuration at once, so that one attempt shows them all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map((fault) => fault.message).join('; '))
    this.faults = faults
  }
}

/** A table as one sees it who does not know its keys. */
export interface ConfigSchema {
  /** In alphabetical order. */
  readonly names: readonly string[]
  row(name: string): ConfigRow | undefined
  /** Every fault of these texts: unknown names, wrong values, inert keys that are set. */
  faults(texts: Readonly<Record<string, string>>): readonly ConfigFault[]
  /** What of these texts is right: for stored ones, which an older version may have accepted. */
  sound(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>>
}

export interface ConfigTable<Rows extends ConfigRows> extends ConfigSchema {
  readonly rows: Rows
  readonly names: readonly (keyof Rows & string)[]
  /** Values in effect: these texts over the defaults. Throws a ConfigError that names every fault. */
  parse(texts: Readonly<Record<string, string>>): ConfigValues<Rows>
}

export function defineConfigTable<const Rows extends ConfigRows>(rows: Rows): ConfigTable<Rows> {
  const byName = new Map<string, ConfigRow>(Object.entries(rows))
  const names = [...byName.keys()].sort() as (keyof Rows & string)[]
  // Tables are parsed again and again, by starts above all, and most keys are left at their defaults.
  let defaults: readonly RowDefault[] | undefined
  const faults = (texts: Readonly<Record<string, string>>): ConfigFault[] =>
    Object.entries(texts).flatMap(([name, text]) => {
      const message = faultOf(name, byName.get(name), text)
      return message === null ? [] : [{ name, message }]
    })
  return {
    rows,
    names,
    row: (name) => byName.get(name),
    faults,
    sound(texts) {
      const wrong = new Set(faults(texts).map(({ name }) => name))
      if (wrong.size === 0) return texts
      return Object.fromEntries(Object.entries(texts).filter(([name]) => !wrong.has(name)))
    },
    parse(texts) {
      const found = faults(texts)
      if (found.length > 0) throw new ConfigError(found)
      const values: Record<string, unknown> = {}
      defaults ??= [...byName].map(([name, row]) => rowDefault(name, row))
      for (const { name, row, property, value } of defaults) {
        const text = texts[name]
        values[property] = text === undefined ? value : parseConfigValue(row, text)
      }
      // Each property was just made from the row that its type comes from.
      return values as ConfigValues<Rows>
    },
  }
}

interface RowDefault {
  readonly name: string
  readonly row: ConfigRow
  readonly property: string
  readonly value: ReturnType<typeof parseConfigValue> | null
}

function rowDefault(name: string, row: ConfigRow): RowDefault {
  const value = row.default === null ? null : parseConfigValue(row, row.default)
  return { name, row, property: propertyName(name), value }
}

export function propertyName(name: string): string {
  return name.replace(/[.-](.)/g, (_, first: string) => first.toUpperCase())
}

function faultOf(name: string, row: ConfigRow | undefined, text: string): string | null {
  if (!row) return `${abbreviate(name, SHOWN_LENGTH)} is not a configuration that exists here`
  let canonical: string
  try {
    canonical = formatConfigText(row, text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const shown = row.secret ? 'its value' : JSON.stringify(abbreviate(text, SHOWN_LENGTH))
    return `Invalid value ${shown} for configuration ${name}: ${error.message}`
  }
  if (row.status === 'inert' && canonical !== canonicalDefault(row)) {
    return `${name} has no effect here and can only be left at its default (${row.default ?? 'not set'}): ${row.because}`
  }
  return null
}

const SHOWN_LENGTH = 100

function canonicalDefault(row: ConfigRow): string | null {
  return row.default === null ? null : formatConfigText(row, row.default)
}

/** The value that a text stands for. Throws a RangeError that says what would have been right. */
export function parseConfigValue(
  row: ConfigRow,
  text: string,
): boolean | number | string | readonly string[] {
  const trimmed = text.trim()
  switch (row.type) {
    case 'boolean':
      return parseBoolean(trimmed)
    case 'string':
      return parseString(row, trimmed)
    case 'list':
      return parseList(row, trimmed)
    default:
      return parseNumber(row, trimmed)
  }
}

/** The same value in the one form in which it is shown: `TRUE` is `true`, ` a, b` is `a,b`. */
export function formatConfigText(row: ConfigRow, text: string): string {
  const value = parseConfigValue(row, text)
  if (typeof value === 'object') return value.join(',')
  // A long keeps its digits: the largest one is not a number that JavaScript can hold.
  if (row.type === 'long') return BigInt(text.replace('+', '')).toString()
  return String(value)
}

function parseBoolean(text: string): boolean {
  const lower = text.toLowerCase()
  if (lower !== 'true' && lower !== 'false') throw new RangeError('it must be true or false')
  return lower === 'true'
}

function parseString(row: Extract<ConfigRow, { type: 'string' }>, text: string): string {
  if (row.oneOf && !row.oneOf.includes(text)) {
    throw new RangeError(`it must be one of ${row.oneOf.join(', ')}`)
  }
  const complaint = row.check?.(text) ?? null
  if (complaint !== null) throw new RangeError(complaint)
  return text
}

function parseList(row: Extract<ConfigRow, { type: 'list' }>, text: string): readonly string[] {
  const items = text === '' ? [] : text.split(',').map((item) => item.trim())
  if (items.some((item) => item === '')) throw new RangeError('an element is empty')
  const minItems = row.minItems ?? 0
  if (items.length < minItems) throw new RangeError(`it needs at least ${minItems} element`)
  const stranger = row.oneOf && items.find((item) => !row.oneOf?.includes(item))
  if (stranger !== undefined) {
    throw new RangeError(`its elements must be among ${row.oneOf?.join(', ')}`)
  }
  return items
}

type NumberRow = Extract<ConfigRow, { min?: number }>

function parseNumber(row: NumberRow, text: string): number {
  const value = NUMBER_PARSERS[row.type](text)
  if (row.min !== undefined && value < row.min) {
    throw new RangeError(`it must be at least ${row.min}`)
  }
  if (row.max !== undefined && value > row.max) {
    throw new RangeError(`it must be at most ${row.max}`)
  }
  const complaint = row.check?.(value) ?? null
  if (complaint !== null) throw new RangeError(complaint)
  return value
}

const INTEGER = /^[+-]?\d{1,20}$/
const INT_MIN = -0x8000_0000n
const INT_MAX = 0x7fff_ffffn
const LONG_MIN = -0x8000_0000_0000_0000n
const LONG_MAX = 0x7fff_ffff_ffff_ffffn

function parseInteger(text: string, min: bigint, max: bigint): number {
  const bits = max === INT_MAX ? 32 : 64
  if (!INTEGER.test(text)) throw new RangeError('it must be a whole number')
  const value = BigInt(text.replace('+', ''))
  if (value < min || value > max) {
    throw new RangeError(`it must be a whole number of ${bits} bits`)
  }
  const saturated = Number(value)
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, saturated))
}

function parseDouble(text: string): number {
  const value = Number(text)
  if (text === '' || !Number.isFinite(value)) throw new RangeError('it must be a number')
  return value
}

const BYTES_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}
const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  '': 1,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

function parseWithUnit(text: string, units: Readonly<Record<string, number>>): number {
  const match = /^(-?\d{1,16}) ?([A-Za-z]*)$/.exec(text)
  const unit = match && units[match[2] ?? '']
  const value = unit ? Number(match[1]) * unit : Number.NaN
  if (!Number.isSafeInteger(value)) {
    const known = Object.keys(units).filter((name) => name !== '')
    throw new RangeError(`it must be a whole number with one of the units ${known.join(', ')}`)
  }
  return value
}

const NUMBER_PARSERS: Readonly<Record<NumberRow['type'], (text: string) => number>> = {
  int: (text) => parseInteger(text, INT_MIN, INT_MAX),
  long: (text) => parseInteger(text, LONG_MIN, LONG_MAX),
  double: parseDouble,
  bytes: (text) => parseWithUnit(text, BYTES_UNITS),
  duration: (text) => parseWithUnit(text, DURATION_UNITS_MS),
}
