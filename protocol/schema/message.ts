import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'
import type { EncodableStruct, Field, Fields, StructOf, Wire } from './field.ts'
import type { VersionRange } from './version-range.ts'
import { containsRange, inRange, OPEN_END, parseVersionRange } from './version-range.ts'

/** Reads and writes one version of one message. */
export interface Codec<Value, Given> {
  /** Throws a ProtocolError when the bytes are not this message in this version. */
  read(reader: Reader): Value
  /** Throws a ProtocolError when the value cannot be written in this version without loss. */
  write(writer: Writer, value: Given): void
}

export type MessageKind = 'request' | 'response' | 'data'

/**
 * A message of the protocol, declared once for all of its versions. The value is data: codecs,
 * documentation, tests and the conformance check are all derived from it.
 */
export interface Message<F extends Fields = Fields> {
  readonly kind: MessageKind
  /** Kafka's name, for example `FetchRequest`. */
  readonly name: string
  /** Number of the API; -1 for data messages, which travel inside of others. */
  readonly apiKey: number
  readonly versions: VersionRange
  /** Newest version that may be advertised; below `versions.max` while Kafka calls the newest unstable. */
  readonly latestStable: number
  /** Versions with compact lengths and tagged fields (KIP-482); null when there are none. */
  readonly flexible: VersionRange | null
  readonly fields: F
  /** Codecs by version, filled by `codec` as they are asked for. */
  readonly codecs: (Codec<StructOf<F>, EncodableStruct<F>> | undefined)[]
}

/** A message's versions as a declaration gives them. */
export interface MessageVersions {
  readonly all: VersionRange
  readonly flexible: VersionRange | null
  readonly latestStable: number
}

/**
 * Versions of a message in Kafka's notation: `all` that are declared, those that are `flexible`
 * (compact lengths and tagged fields; none when left out), and the `latestStable` one where Kafka
 * calls the newest unstable (-1 when none is stable).
 */
export function versions(
  all: string,
  options: { readonly flexible?: string; readonly latestStable?: number } = {},
): MessageVersions {
  const range = parseVersionRange(all)
  return {
    all: range,
    flexible: options.flexible === undefined ? null : parseVersionRange(options.flexible),
    latestStable: options.latestStable ?? range.max,
  }
}

/** Decoded shape of a message, the same for all versions: what a version lacks has its default. */
export type TypeOf<M extends Message> = StructOf<M['fields']>

/** What may be given for encoding: fields with a default may be left out. */
export type Encodable<M extends Message> = EncodableStruct<M['fields']>

export function request<const F extends Fields>(
  apiKey: number,
  name: string,
  declared: MessageVersions,
  fields: F,
): Message<F> {
  return declare('request', apiKey, `${name}Request`, declared, fields)
}

export function response<const F extends Fields>(
  apiKey: number,
  name: string,
  declared: MessageVersions,
  fields: F,
): Message<F> {
  return declare('response', apiKey, `${name}Response`, declared, fields)
}

/** A message that travels inside a bytes field or a record, behind its own int16 version. */
export function data<const F extends Fields>(
  name: string,
  declared: MessageVersions,
  fields: F,
): Message<F> {
  return declare('data', -1, name, declared, fields)
}

export function isFlexible(message: Message, version: number): boolean {
  return inRange(message.flexible, version)
}

function declare<const F extends Fields>(
  kind: MessageKind,
  apiKey: number,
  name: string,
  declared: MessageVersions,
  fields: F,
): Message<F> {
  const { all, flexible, latestStable } = declared
  const message: Message<F> = {
    kind,
    name,
    apiKey,
    versions: all,
    latestStable,
    flexible,
    fields,
    codecs: [],
  }
  const faults = [...messageFaults(message), ...structFaults(message, fields, '', all, 0)]
  if (faults.length > 0) throw new TypeError(`${name}: ${faults.join('; ')}`)
  return message
}

function* messageFaults({ versions, latestStable }: Message): Generator<string> {
  if (versions.max === OPEN_END) yield 'its versions have no end'
  if (latestStable < -1 || latestStable > versions.max) {
    yield `latestStable ${latestStable} is not one of its versions`
  }
}

/** Deeper declarations are refused, so the depth of decoding is bounded by construction. */
const MAX_DEPTH = 8

/** What is wrong with a struct's declaration; a typo fails when the module is loaded. */
function* structFaults(
  message: Message,
  fields: Fields,
  path: string,
  enclosing: VersionRange,
  depth: number,
): Generator<string> {
  if (depth > MAX_DEPTH) yield `${path} is nested deeper than ${MAX_DEPTH}`
  const tags = new Set<number>()
  for (const [name, field] of Object.entries(fields)) {
    const at = `${path}${name}`
    for (const fault of fieldFaults(message, field, enclosing)) yield `${at} ${fault}`
    const { tag, wire, versions } = field.spec
    if (tag !== null && tags.has(tag)) yield `${at} repeats tag ${tag}`
    if (tag !== null) tags.add(tag)
    const inner = structIn(wire)
    if (inner !== null && depth <= MAX_DEPTH) {
      yield* structFaults(message, inner, `${at}.`, versions, depth + 1)
    }
  }
}

function* fieldFaults(
  { versions: all, flexible }: Message,
  { spec }: Field,
  enclosing: VersionRange,
): Generator<string> {
  const { versions, nullable, tag, defaultValue, wire } = spec
  const present = {
    min: Math.max(versions.min, enclosing.min),
    max: Math.min(versions.max, enclosing.max),
  }
  if (present.max < present.min || versions.min > all.max) yield 'is in no version'
  if (versions.max < all.max && versions.max < all.min) yield 'ends before the message begins'
  if (nullable !== null && !containsRange(versions, nullable, all.max)) {
    yield 'may be null in versions that lack it'
  }
  if (tag !== null && (flexible === null || !containsRange(flexible, present, all.max))) {
    yield 'has a tag in versions that are not flexible'
  }
  if (defaultValue === null && nullable === null && wire.kind !== 'records') {
    yield 'is null by default but never nullable'
  }
  if (defaultValue !== null && !fits(wire, defaultValue)) yield 'has a default of another type'
}

function structIn(wire: Wire): Fields | null {
  if (wire.kind === 'struct') return wire.fields
  return wire.kind === 'array' ? structIn(wire.element) : null
}

function fits(wire: Wire, value: unknown): boolean {
  switch (wire.kind) {
    case 'int8':
      return isIntegerIn(value, -0x80, 0x7f)
    case 'int16':
      return isIntegerIn(value, -0x8000, 0x7fff)
    case 'uint16':
      return isIntegerIn(value, 0, 0xffff)
    case 'int32':
      return isIntegerIn(value, -0x8000_0000, 0x7fff_ffff)
    case 'safeInt64':
    case 'clampedInt64':
      return Number.isSafeInteger(value)
    case 'int64':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
    case 'float64':
      return typeof value === 'number'
    case 'bool':
      return typeof value === 'boolean'
    case 'string':
      return typeof value === 'string'
    case 'uuid':
      return typeof value === 'string' && value.length === 22
    case 'bytes':
    case 'records':
      return value instanceof Uint8Array
    case 'array':
      return Array.isArray(value) && value.length === 0
    case 'struct':
      return typeof value === 'object'
  }
}

function isIntegerIn(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
}
