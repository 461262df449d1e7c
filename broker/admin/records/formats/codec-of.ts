import { avroCodec } from './avro.ts'
import { autoCodec, base64Codec, hexCodec, jsonCodec, textCodec } from './plain.ts'
import { protobufCodec } from './protobuf.ts'
import { withRegistryFraming } from './schema-registry-framing.ts'
import type { Format, ValueCodec } from './value-codec.ts'
import { UnfitValue } from './value-codec.ts'

export const FRAMINGS = ['none', 'schema-registry'] as const

/** How keys or values are written, as a request says it. */
export interface FormatChoice {
  readonly format: Format
  /** Of Avro and Protobuf. */
  readonly schema?: string | undefined
  /** Which message of a Protobuf schema. */
  readonly message?: string | undefined
  readonly framing?: (typeof FRAMINGS)[number] | undefined
}

/** The codec for a choice. Throws an UnfitValue when the schema is missing or is none. */
export function codecOf(choice: FormatChoice): ValueCodec {
  const codec = unframed(choice)
  if (choice.framing !== 'schema-registry') return codec
  return withRegistryFraming(codec, choice.format === 'protobuf')
}

function unframed({ format, schema, message }: FormatChoice): ValueCodec {
  switch (format) {
    case 'auto':
      return autoCodec
    case 'text':
      return textCodec
    case 'json':
      return jsonCodec
    case 'hex':
      return hexCodec
    case 'base64':
      return base64Codec
    case 'avro':
      return avroCodec(required(schema, format))
    case 'protobuf':
      return protobufCodec(required(schema, format), message)
  }
}

function required(schema: string | undefined, format: Format): string {
  if (schema !== undefined) return schema
  throw new UnfitValue(`${format} needs a schema`)
}
