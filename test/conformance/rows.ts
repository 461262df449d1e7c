import { ZERO_UUID } from '../../kit/index.ts'
import type { Fields, Message, Wire } from '../../protocol/index.ts'
import { inRange, MAX_LONG } from '../../protocol/index.ts'
import type { FieldDescription, MessageDescription } from './descriptions.ts'
import { isIn } from './version-notation.ts'

/**
 * One field of one version as a line of text, so that a difference reads like a diff:
 * `topics[].partitions[].records: records, nullable, default null`. The lines stand in the order of
 * the wire; tagged fields come last, by their tags, because their order in a declaration means nothing.
 */
export type Row = string

/** The rows of one version as we declare them. */
export function declaredRows(message: Message, version: number): Row[] {
  return structRows(message.fields, '', version)
}

function structRows(fields: Fields, path: string, version: number): Row[] {
  const present = Object.entries(fields).filter(([, { spec }]) => inRange(spec.versions, version))
  const rows = present.map(([name, { spec }]) => ({
    tag: spec.tag,
    rows: fieldRows({
      path: `${path}${name}`,
      type: typeName(spec.wire),
      nullable: inRange(spec.nullable, version),
      defaultValue: spec.defaultValue,
      tag: spec.tag,
      inner: (at) => {
        const inner = structOf(spec.wire)
        return inner === null ? [] : structRows(inner, at, version)
      },
    }),
  }))
  return inWireOrder(rows)
}

/** The rows of one version as a release describes them. */
export function describedRows(message: MessageDescription, version: number): Row[] {
  return describedStructRows(message, message.fields ?? [], '', version)
}

function describedStructRows(
  message: MessageDescription,
  fields: readonly FieldDescription[],
  path: string,
  version: number,
): Row[] {
  const present = fields.filter((field) => isIn(field.versions, version))
  const rows = present.map((field) => {
    const tag = isIn(field.taggedVersions, version) ? (field.tag ?? null) : null
    return {
      tag,
      rows: fieldRows({
        path: `${path}${camelCase(field.name)}`,
        type: describedType(field),
        nullable: isIn(field.nullableVersions, version),
        defaultValue: describedDefault(field),
        tag,
        inner: (at) => describedStructRows(message, describedInner(message, field), at, version),
      }),
    }
  })
  return inWireOrder(rows)
}

/** Which fields may be dropped silently in this version, and which must not; both lack the field. */
export function describedAbsence(
  message: MessageDescription,
  version: number,
): { readonly path: readonly string[]; readonly ignorable: boolean }[] {
  const walk = (
    fields: readonly FieldDescription[],
    path: readonly string[],
  ): { path: readonly string[]; ignorable: boolean }[] =>
    fields.flatMap((field) => {
      const at = [...path, camelCase(field.name)]
      if (isIn(field.versions, version)) return walk(describedInner(message, field), at)
      return existsIn(message, field) ? [{ path: at, ignorable: field.ignorable === true }] : []
    })
  return walk(message.fields ?? [], [])
}

/** False for fields that a release still mentions though none of its valid versions has them. */
function existsIn(message: MessageDescription, field: FieldDescription): boolean {
  const [min = 0, max = min] = message.validVersions.split('-').map(Number)
  for (let version = min; version <= max; version++) if (isIn(field.versions, version)) return true
  return false
}

/** The declared field at a path; undefined when there is none. */
export function declaredField(
  message: Message,
  path: readonly string[],
): Fields[string] | undefined {
  let fields: Fields | null = message.fields
  let field: Fields[string] | undefined
  for (const name of path) {
    field = fields?.[name]
    fields = field === undefined ? null : structOf(field.spec.wire)
  }
  return field
}

interface RowParts {
  readonly path: string
  readonly type: string
  readonly nullable: boolean
  readonly defaultValue: unknown
  readonly tag: number | null
  readonly inner: (path: string) => Row[]
}

function fieldRows({ path, type, nullable, defaultValue, tag, inner }: RowParts): Row[] {
  const row = [
    `${path}: ${type}`,
    ...(nullable ? ['nullable'] : []),
    `default ${defaultText(defaultValue)}`,
    ...(tag === null ? [] : [`tag ${tag}`]),
  ].join(', ')
  return [row, ...inner(type.startsWith('[]') ? `${path}[].` : `${path}.`)]
}

function inWireOrder(rows: readonly { tag: number | null; rows: Row[] }[]): Row[] {
  const untagged = rows.filter(({ tag }) => tag === null)
  const tagged = rows.filter(({ tag }) => tag !== null)
  tagged.sort((a, b) => (a.tag ?? 0) - (b.tag ?? 0))
  return [...untagged, ...tagged].flatMap((field) => field.rows)
}

function defaultText(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return '[]'
  if (value instanceof Uint8Array) return 'no bytes'
  return typeof value === 'object' ? 'struct' : String(value)
}

function typeName(wire: Wire): string {
  switch (wire.kind) {
    case 'array':
      return `[]${typeName(wire.element)}`
    case 'safeInt64':
    case 'clampedInt64':
      return 'int64'
    default:
      return wire.kind
  }
}

function structOf(wire: Wire): Fields | null {
  if (wire.kind === 'array') return structOf(wire.element)
  return wire.kind === 'struct' ? wire.fields : null
}

function describedType({ type }: FieldDescription): string {
  return type.replace(/[A-Z]\w*$/, 'struct')
}

function describedInner(
  message: MessageDescription,
  field: FieldDescription,
): readonly FieldDescription[] {
  if (field.fields !== undefined) return field.fields
  const name = field.type.replace('[]', '')
  return message.commonStructs?.find((struct) => struct.name === name)?.fields ?? []
}

/** What a field is where it is absent: the default that is given, or the zero value of its type. */
function describedDefault(field: FieldDescription): unknown {
  const { type } = field
  const given = field.default === undefined ? undefined : String(field.default)
  if (given === 'null' || (given === undefined && type === 'records')) return null
  if (type.startsWith('[]')) return []
  switch (type) {
    case 'string':
      return given ?? ''
    case 'uuid':
      return given ?? ZERO_UUID
    case 'bool':
      return given === 'true'
    case 'bytes':
      return Buffer.alloc(0)
    case 'int64': {
      const value = BigInt(given ?? 0)
      return value === 0x7fff_ffff_ffff_ffffn ? MAX_LONG : value
    }
    default:
      return /^[A-Z]/.test(type) ? {} : Number(given ?? 0)
  }
}

/** Kafka's field names begin with a capital; ours do not. */
function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
