import fc from 'fast-check'
import type { FieldSpec, Fields, Message, Wire } from './schema/index.ts'
import { inRange } from './schema/index.ts'

// What tests need to make up messages. Nothing here is imported by the program.

/** A whole value of a message, as decoding gives it. */
export type MessageValue = Readonly<Record<string, unknown>>

/**
 * Arbitrary values that one version of a message can carry: fields that the version has are
 * arbitrary, null only where it allows null; all others have their default.
 */
export function arbitraryMessage(message: Message, version: number): fc.Arbitrary<MessageValue> {
  return arbitraryStruct(message.fields, version)
}

function arbitraryStruct(fields: Fields, version: number): fc.Arbitrary<MessageValue> {
  const parts = Object.entries(fields).map(([name, { spec }]) => [
    name,
    inRange(spec.versions, version)
      ? arbitraryField(spec, version)
      : fc.constant(spec.defaultValue),
  ])
  return fc.record(Object.fromEntries(parts), { noNullPrototype: true })
}

function arbitraryField(spec: FieldSpec, version: number): fc.Arbitrary<unknown> {
  const value = arbitraryValue(spec.wire, version)
  // The default itself must turn up often: a tagged field that has it is not written at all.
  const common = fc.oneof({ weight: 4, arbitrary: value }, arbitraryDefault(spec, version))
  return inRange(spec.nullable, version) ? fc.option(common, { freq: 4 }) : common
}

function arbitraryDefault(spec: FieldSpec, version: number): fc.Arbitrary<unknown> {
  if (spec.defaultValue !== null || inRange(spec.nullable, version)) {
    return fc.constant(spec.defaultValue)
  }
  return arbitraryValue(spec.wire, version)
}

function arbitraryValue(wire: Wire, version: number): fc.Arbitrary<unknown> {
  switch (wire.kind) {
    case 'int8':
      return fc.integer({ min: -0x80, max: 0x7f })
    case 'int16':
      return fc.integer({ min: -0x8000, max: 0x7fff })
    case 'uint16':
      return fc.integer({ min: 0, max: 0xffff })
    case 'int32':
      return fc.integer()
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case 'safeInt64':
    case 'clampedInt64':
      return fc.oneof(fc.integer({ min: -6, max: 6 }), fc.maxSafeInteger())
    case 'float64':
      return fc.double({ noNaN: true })
    case 'bool':
      return fc.boolean()
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 8 })
    case 'uuid':
      return arbitraryBytes(16, 16).map((id) => id.toString('base64url'))
    case 'bytes':
    case 'records':
      return arbitraryBytes(0, 24)
    case 'array':
      return fc.array(arbitraryValue(wire.element, version), { maxLength: 3 })
    case 'struct':
      return arbitraryStruct(wire.fields, version)
  }
}

function arbitraryBytes(minLength: number, maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes))
}

/** Every version of every message given, as rows for `it.each`. */
export function everyVersion(messages: readonly Message[]): [string, Message, number][] {
  return messages.flatMap((message) =>
    Array.from(
      { length: message.versions.max - message.versions.min + 1 },
      (_, index): [string, Message, number] => {
        const version = message.versions.min + index
        return [`${message.name} v${version}`, message, version]
      },
    ),
  )
}
