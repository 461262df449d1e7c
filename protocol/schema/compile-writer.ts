import type { Uuid } from '../../kit/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { ByteSource } from '../writer.ts'
import { sourceBytes, Writer } from '../writer.ts'
import type { Encoding } from './compile-reader.ts'
import type { FieldSpec, Fields, LeafKind, Wire } from './field.ts'
import { inRange } from './version-range.ts'

export type Write = (writer: Writer, value: unknown) => void

interface WriteStep {
  readonly name: string
  /** What is written where the caller gives nothing; undefined when the caller must give something. */
  readonly fallback: unknown
  readonly write: Write
}

interface TaggedStep extends WriteStep {
  readonly tag: number
  readonly isDefault: (value: unknown) => boolean
}

type StructValue = Readonly<Record<string, unknown>>

/** Compiles a struct's fields into one closure that writes them in the order of the wire. */
export function compileStructWriter(fields: Fields, encoding: Encoding): Write {
  const steps: WriteStep[] = []
  const tagged: TaggedStep[] = []
  for (const [name, { spec }] of Object.entries(fields)) {
    const fallback = spec.optional ? spec.defaultValue : undefined
    if (!inRange(spec.versions, encoding.version)) {
      if (!spec.ignorable)
        steps.push({ name, fallback: spec.defaultValue, write: refuseLoss(spec) })
      continue
    }
    const step = { name, fallback, write: compileFieldWriter(spec, encoding) }
    if (spec.tag === null) steps.push(step)
    else tagged.push({ ...step, tag: spec.tag, isDefault: defaultTest(spec) })
  }
  tagged.sort((a, b) => a.tag - b.tag)
  return (writer, given) => {
    const value = given as StructValue
    let name = ''
    try {
      for (const step of steps) {
        name = step.name
        let field = value[name]
        if (field === undefined) field = step.fallback
        if (field === undefined) throw new ProtocolError('no value given')
        step.write(writer, field)
      }
      if (encoding.flexible) {
        name = 'tags'
        writeTaggedFields(writer, tagged, value)
      }
    } catch (error) {
      if (error instanceof ProtocolError) error.within(name)
      throw error
    }
  }
}

/** For a field that the version lacks: anything but the default would be lost without a word. */
function refuseLoss(spec: FieldSpec): Write {
  const isDefault = defaultTest(spec)
  return (_writer, value) => {
    if (!isDefault(value)) {
      throw new ProtocolError('this version lacks the field, its value would be lost')
    }
  }
}

/** Tagged fields stand at the end of a struct, ascending by tag, only where they are not the default. */
function writeTaggedFields(
  writer: Writer,
  tagged: readonly TaggedStep[],
  value: StructValue,
): void {
  let count = 0
  for (const step of tagged) if (isGiven(step, value)) count++
  writer.unsignedVarint(count)
  if (count === 0) return
  for (const step of tagged) {
    if (!isGiven(step, value)) continue
    const body = new Writer()
    step.write(body, value[step.name])
    writer.unsignedVarint(step.tag)
    writer.unsignedVarint(body.sizeBytes)
    for (const piece of body.finish()) writer.raw(piece)
  }
}

function isGiven(step: TaggedStep, value: StructValue): boolean {
  const given = value[step.name]
  return given !== undefined && !step.isDefault(given)
}

function compileFieldWriter(spec: FieldSpec, encoding: Encoding): Write {
  const nullable = inRange(spec.nullable, encoding.version)
  const { wire } = spec
  const { flexible } = encoding
  switch (wire.kind) {
    case 'struct':
      return compileNestedStruct(wire.fields, nullable, encoding)
    case 'array':
      return compileArrayWriter(wire.element, nullable, encoding)
    case 'string':
      return orNull(
        nullable,
        flexible ? (writer) => writer.unsignedVarint(0) : (writer) => writer.int16(-1),
        flexible
          ? (writer, value) => writer.compactString(value as string)
          : (writer, value) => writer.string(value as string),
      )
    case 'bytes':
    case 'records':
      return orNull(
        nullable,
        nullLengthWriter(flexible),
        flexible
          ? (writer, value) => writer.compactBytes(value as ByteSource)
          : (writer, value) => writer.bytes(value as ByteSource),
      )
    default:
      return FIXED_WRITERS[wire.kind]
  }
}

const FIXED_WRITERS: {
  readonly [Kind in Exclude<LeafKind, 'string' | 'bytes' | 'records'>]: Write
} = {
  int8: (writer, value) => writer.int8(value as number),
  int16: (writer, value) => writer.int16(value as number),
  uint16: (writer, value) => writer.uint16(value as number),
  int32: (writer, value) => writer.int32(value as number),
  int64: (writer, value) => writer.int64(value as bigint),
  safeInt64: (writer, value) => writer.safeInt64(value as number),
  clampedInt64: (writer, value) => writer.safeInt64(value as number),
  float64: (writer, value) => writer.float64(value as number),
  bool: (writer, value) => writer.bool(value as boolean),
  uuid: (writer, value) => writer.uuid(value as Uuid),
}

function compileNestedStruct(fields: Fields, nullable: boolean, encoding: Encoding): Write {
  const write = compileStructWriter(fields, encoding)
  if (!nullable) return orNull(false, () => undefined, write)
  // KIP-893: one byte says whether the struct is there.
  return orNull(
    true,
    (writer) => writer.int8(-1),
    (writer, value) => {
      writer.int8(1)
      write(writer, value)
    },
  )
}

function compileArrayWriter(element: Wire, nullable: boolean, encoding: Encoding): Write {
  const { flexible } = encoding
  const writeElements =
    element.kind === 'int32' ? writeInt32Elements : compileElementsWriter(element, encoding)
  return orNull(nullable, nullLengthWriter(flexible), (writer, value) => {
    const elements = value as readonly unknown[]
    if (flexible) writer.unsignedVarint(elements.length + 1)
    else writer.int32(elements.length)
    writeElements(writer, elements)
  })
}

function compileElementsWriter(element: Wire, encoding: Encoding): Write {
  const writeElement = compileFieldWriter({ wire: element, nullable: null } as FieldSpec, encoding)
  return (writer, value) => {
    const elements = value as readonly unknown[]
    let index = 0
    try {
      for (; index < elements.length; index++) writeElement(writer, elements[index])
    } catch (error) {
      if (error instanceof ProtocolError) error.withinElement(index)
      throw error
    }
  }
}

/** Partition and broker indexes come in such numbers that a closure for each would be felt. */
function writeInt32Elements(writer: Writer, elements: unknown): void {
  for (const element of elements as readonly number[]) writer.int32(element)
}

function nullLengthWriter(flexible: boolean): (writer: Writer) => void {
  return flexible ? (writer) => writer.unsignedVarint(0) : (writer) => writer.int32(-1)
}

function orNull(nullable: boolean, writeNull: (writer: Writer) => void, write: Write): Write {
  return (writer, value) => {
    if (value !== null) write(writer, value)
    else if (nullable) writeNull(writer)
    else throw new ProtocolError('null where the version forbids it')
  }
}

/** Compiles the question whether a value is a field's default. */
function defaultTest({ wire, defaultValue }: FieldSpec): (value: unknown) => boolean {
  if (defaultValue === null) return (value) => value === null
  switch (wire.kind) {
    case 'array':
      return (value) => (value as readonly unknown[] | null)?.length === 0
    case 'bytes':
    case 'records':
      return (value) => value !== null && sourceBytes(value as ByteSource) === 0
    case 'struct':
      return structDefaultTest(wire.fields)
    default:
      return (value) => value === defaultValue
  }
}

function structDefaultTest(fields: Fields): (value: unknown) => boolean {
  const tests = Object.entries(fields).map(([name, { spec }]) => ({
    name,
    isDefault: defaultTest(spec),
  }))
  return (given) => {
    if (given === null) return false
    const value = given as StructValue
    return tests.every(({ name, isDefault }) => value[name] === undefined || isDefault(value[name]))
  }
}
