import avro from 'avsc'
import type { Json } from '../../../../audit/index.ts'
import { checkAvroBounds } from './avro-bounds.ts'
import { AvroDefaults } from './avro-defaults.ts'
import { checkAvroSchema, checkLength } from './schema-bounds.ts'
import type { ValueCodec } from './value-codec.ts'
import { inHex, reasonOf, UnfitValue } from './value-codec.ts'

/**
 * Values of an Avro schema, in Avro's own JSON encoding: what is shown can be sent. Longs that a
 * number cannot hold exactly are texts. Throws an UnfitValue when the schema is none.
 */
export function avroCodec(text: string): ValueCodec {
  const schema = parse(text)
  const type = compile(text, withoutDefaults)
  let complete: avro.Type | undefined
  let defaults: AvroDefaults | undefined
  return {
    decode(bytes) {
      try {
        checkAvroBounds(type, bytes)
        const value: unknown = type.fromBuffer(bytes)
        return { format: 'avro', data: JSON.parse(type.toString(value)) as Json }
      } catch (cause) {
        return inHex(bytes, `does not fit the Avro schema: ${reasonOf(cause)}`)
      }
    },
    encode(value) {
      defaults ??= new AvroDefaults(schema, type)
      defaults.checkWritten(value)
      complete ??= compile(text)
      try {
        return complete.toBuffer(complete.fromString(JSON.stringify(value)))
      } catch (cause) {
        throw new UnfitValue(`does not fit the Avro schema: ${reasonOf(cause)}`)
      }
    },
    searchable: null,
  }
}

function parse(text: string): Json {
  checkLength(text)
  let schema: Json
  try {
    schema = JSON.parse(text) as Json
  } catch (cause) {
    throw new UnfitValue(`not an Avro schema: ${reasonOf(cause)}`)
  }
  checkAvroSchema(schema)
  return schema
}

/** Only what is written needs defaults. */
function withoutDefaults(key: string, value: unknown): unknown {
  return key === 'default' ? undefined : value
}

function compile(text: string, reviver?: (key: string, value: unknown) => unknown): avro.Type {
  try {
    const schema = JSON.parse(text, reviver) as avro.Schema
    return avro.Type.forSchema(schema, { registry: { long: exactLong() } })
  } catch (cause) {
    throw new UnfitValue(`not an Avro schema: ${reasonOf(cause)}`)
  }
}

const LONG_TEXT = /^-?\d{1,19}$/

/** Longs as bigints, which hold all of them. */
function exactLong(): avro.Type {
  return avro.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
    toBuffer(value: bigint) {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(value)
      return bytes
    },
    fromJSON: (value: unknown) =>
      Number.isSafeInteger(value) || (typeof value === 'string' && LONG_TEXT.test(value))
        ? BigInt(value as number | string)
        : value,
    toJSON: (value: bigint) =>
      Number.isSafeInteger(Number(value)) ? Number(value) : String(value),
    isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
    compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
  })
}
