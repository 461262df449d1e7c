import { ProtocolError } from '../protocol-error.ts'
import type { Reader } from '../reader.ts'
import type { FieldSpec, Fields, LeafKind, Wire } from './field.ts'
import { inRange } from './version-range.ts'

export type Read = (reader: Reader) => unknown

/** What decides about the encoding of every field of a message. */
export interface Encoding {
  readonly version: number
  readonly flexible: boolean
}

interface ReadStep {
  readonly name: string
  readonly read: Read
}

/**
 * Compiles a struct's fields into one closure that reads them in the order of the wire. Every field
 * is set, in the order of the declaration, so that a struct has one hidden class in all versions.
 */
export function compileStructReader(fields: Fields, encoding: Encoding): Read {
  const steps: ReadStep[] = []
  const tagged: (ReadStep | undefined)[] = []
  for (const [name, { spec }] of Object.entries(fields)) {
    const isPresent = inRange(spec.versions, encoding.version)
    const read = isPresent ? compileFieldReader(spec, encoding) : null
    if (read !== null && spec.tag !== null) tagged[spec.tag] = { name, read }
    const isInPlace = read !== null && spec.tag === null
    steps.push({ name, read: isInPlace ? read : () => spec.defaultValue })
  }
  return (reader) => {
    const value: Record<string, unknown> = {}
    let name = ''
    try {
      for (const step of steps) {
        name = step.name
        value[name] = step.read(reader)
      }
      if (encoding.flexible) {
        name = 'tags'
        readTaggedFields(reader, tagged, value)
      }
    } catch (error) {
      if (error instanceof ProtocolError) error.within(name)
      throw error
    }
    return value
  }
}

function readTaggedFields(
  reader: Reader,
  tagged: readonly (ReadStep | undefined)[],
  value: Record<string, unknown>,
): void {
  const count = reader.taggedFieldCount()
  for (let i = 0; i < count; i++) {
    const tag = reader.unsignedVarint()
    const sizeBytes = reader.unsignedVarint()
    const step = tagged[tag]
    if (step === undefined) reader.skip(sizeBytes)
    else readTaggedField(reader, step, sizeBytes, value)
  }
}

/** Reads a tagged field within the bounds of its announced size, all of which it must use. */
function readTaggedField(
  reader: Reader,
  step: ReadStep,
  sizeBytes: number,
  value: Record<string, unknown>,
): void {
  if (sizeBytes > reader.remaining) {
    throw new ProtocolError(`${sizeBytes} bytes expected, ${reader.remaining} left`).within(
      step.name,
    )
  }
  const outerEnd = reader.end
  reader.end = reader.position + sizeBytes
  try {
    value[step.name] = step.read(reader)
    reader.expectEnd()
  } catch (error) {
    if (error instanceof ProtocolError) error.within(step.name)
    throw error
  } finally {
    reader.end = outerEnd
  }
}

function compileFieldReader(spec: FieldSpec, encoding: Encoding): Read {
  const nullable = inRange(spec.nullable, encoding.version)
  const { wire } = spec
  switch (wire.kind) {
    case 'struct': {
      const read = compileStructReader(wire.fields, encoding)
      return nullable ? (reader) => (readPresence(reader) ? read(reader) : null) : read
    }
    case 'array':
      return compileArrayReader(wire.element, nullable, encoding)
    case 'string':
      return compileStringReader(nullable, encoding.flexible)
    case 'bytes':
    case 'records':
      return compileBytesReader(nullable, encoding.flexible)
    default:
      return FIXED_READERS[wire.kind]
  }
}

const FIXED_READERS: {
  readonly [Kind in Exclude<LeafKind, 'string' | 'bytes' | 'records'>]: Read
} = {
  int8: (reader) => reader.int8(),
  int16: (reader) => reader.int16(),
  uint16: (reader) => reader.uint16(),
  int32: (reader) => reader.int32(),
  int64: (reader) => reader.int64(),
  safeInt64: (reader) => reader.safeInt64(),
  clampedInt64: (reader) => reader.clampedInt64(),
  float64: (reader) => reader.float64(),
  bool: (reader) => reader.bool(),
  uuid: (reader) => reader.uuid(),
}

/** A nullable struct begins with an int8: negative for null, 1 for a value (KIP-893). */
function readPresence(reader: Reader): boolean {
  return reader.int8() >= 0
}

function compileStringReader(nullable: boolean, flexible: boolean): Read {
  const readLength: (reader: Reader) => number = flexible
    ? (reader) => reader.compactStringLength()
    : (reader) => reader.stringLength()
  return (reader) => {
    const length = readLength(reader)
    return length < 0 ? nullOr(nullable) : reader.text(length)
  }
}

function compileBytesReader(nullable: boolean, flexible: boolean): Read {
  const readLength = lengthReader(flexible)
  return (reader) => {
    const length = readLength(reader)
    return length < 0 ? nullOr(nullable) : reader.view(length)
  }
}

function compileArrayReader(element: Wire, nullable: boolean, encoding: Encoding): Read {
  const readLength = lengthReader(encoding.flexible)
  const readElement = compileElementReader(element, encoding)
  const minimumBytes = minimumWireBytes(element, encoding)
  const cells = heapCells(element)
  return (reader) => {
    const count = readLength(reader)
    if (count < 0) return nullOr(nullable)
    reader.expectElements(count, minimumBytes, cells)
    const elements: unknown[] = []
    if (element.kind === 'int32') {
      // Partition and broker indexes come in such numbers that a closure for each would be felt.
      for (let i = 0; i < count; i++) elements.push(reader.int32())
      return elements
    }
    try {
      while (elements.length < count) elements.push(readElement(reader))
    } catch (error) {
      if (error instanceof ProtocolError) error.withinElement(elements.length)
      throw error
    }
    return elements
  }
}

function compileElementReader(element: Wire, encoding: Encoding): Read {
  const spec = { wire: element, nullable: null } as FieldSpec
  return compileFieldReader(spec, encoding)
}

function lengthReader(flexible: boolean): (reader: Reader) => number {
  return flexible ? (reader) => reader.compactLength() : (reader) => reader.length32()
}

function nullOr(nullable: boolean): null {
  if (!nullable) throw new ProtocolError('null where the version forbids it')
  return null
}

const FIXED_BYTES: { readonly [Kind in keyof typeof FIXED_READERS]: number } = {
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  int64: 8,
  safeInt64: 8,
  clampedInt64: 8,
  float64: 8,
  bool: 1,
  uuid: 16,
}

/** The fewest bytes that a value can take: what bounds an announced count by the bytes that remain. */
function minimumWireBytes(wire: Wire, encoding: Encoding): number {
  switch (wire.kind) {
    case 'struct': {
      let total = encoding.flexible ? 1 : 0
      for (const { spec } of Object.values(wire.fields)) {
        if (spec.tag !== null || !inRange(spec.versions, encoding.version)) continue
        const nullableStruct =
          spec.wire.kind === 'struct' && inRange(spec.nullable, encoding.version)
        total += nullableStruct ? 1 : minimumWireBytes(spec.wire, encoding)
      }
      // A struct without fields in this version would make the count unbounded.
      return Math.max(total, 1)
    }
    case 'string':
      return encoding.flexible ? 1 : 2
    case 'array':
    case 'bytes':
    case 'records':
      return encoding.flexible ? 1 : 4
    default:
      return FIXED_BYTES[wire.kind]
  }
}

/** An object's header, an array's header and backing store: about this many cells of 8 bytes. */
const OBJECT_CELLS = 4

/**
 * What one element occupies on the heap, in cells of 8 bytes: its slot, and for a struct the object
 * with all of its fields. Arrays inside are charged by themselves when their count is read.
 */
function heapCells(wire: Wire): number {
  switch (wire.kind) {
    case 'struct': {
      let total = 1 + OBJECT_CELLS
      for (const { spec } of Object.values(wire.fields)) total += heapCells(spec.wire)
      return total
    }
    case 'array':
      return 1 + OBJECT_CELLS
    case 'uuid':
    case 'bytes':
    case 'records':
    case 'string':
      return 1 + OBJECT_CELLS * 2
    case 'int64':
      return 1 + OBJECT_CELLS
    case 'safeInt64':
    case 'clampedInt64':
    case 'float64':
      return 3
    default:
      return 1
  }
}
