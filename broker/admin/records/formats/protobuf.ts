import type { INamespace, Type } from 'protobufjs'
import protobuf from 'protobufjs'
import type { Json, JsonObject } from '../../../../audit/index.ts'
import { checkLength, checkProtobufSchema } from './schema-bounds.ts'
import type { ValueCodec } from './value-codec.ts'
import { inHex, reasonOf, UnfitValue } from './value-codec.ts'

/** As in Protobuf's JSON mapping: 64-bit integers are texts, bytes base64, enums their names. */
const AS_JSON = { longs: String, enums: String, bytes: String, json: true } as const

/**
 * Messages of a Protobuf schema (the text of a .proto file; of imports only Google's well-known
 * ones). `message` names the type; it may be left out when the schema has only one. Throws an
 * UnfitValue when the schema is none.
 */
export function protobufCodec(schema: string, message: string | undefined): ValueCodec {
  const type = compile(schema, message)
  return {
    decode(bytes) {
      try {
        return { format: 'protobuf', data: type.toObject(type.decode(bytes), AS_JSON) as Json }
      } catch (cause) {
        return inHex(bytes, `does not fit the message ${type.name}: ${reasonOf(cause)}`)
      }
    },
    encode(value) {
      const object = asObject(value)
      checkNames(object, type)
      try {
        return Buffer.from(type.encode(type.fromObject(object)).finish())
      } catch (cause) {
        throw new UnfitValue(`does not fit the message ${type.name}: ${reasonOf(cause)}`)
      }
    },
    searchable: null,
  }
}

function compile(schema: string, message: string | undefined): Type {
  checkLength(schema)
  checkProtobufSchema(schema)
  try {
    const { root, imports = [], package: packageName } = protobuf.parse(schema, { keepCase: true })
    for (const name of imports) {
      const common = protobuf.common.get(name) as INamespace | null
      if (!common) throw new UnfitValue(`imports ${name}, which is not given`)
      root.addJSON(common.nested ?? {})
    }
    root.resolveAll()
    if (message !== undefined) return root.lookupType(message)
    const scope = packageName === undefined ? root : root.lookup(packageName)
    const own = scope instanceof protobuf.Namespace ? scope.nestedArray : []
    const types = own.filter((one) => one instanceof protobuf.Type)
    const [only] = types
    if (only && types.length === 1) return only
    throw new UnfitValue('say which message of the schema it is')
  } catch (cause) {
    throw cause instanceof UnfitValue
      ? cause
      : new UnfitValue(`not a Protobuf schema: ${reasonOf(cause)}`)
  }
}

function asObject(value: Json): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as JsonObject
  throw new UnfitValue('a message is a JSON object')
}

/** The library passes over what it does not know; whoever misspells a field is told. */
function checkNames(value: JsonObject, type: Type): void {
  for (const [name, member] of Object.entries(value)) {
    const field = type.fields[name]
    if (!field) throw new UnfitValue(`message ${type.name} has no field ${name}`)
    if (!(field.resolvedType instanceof protobuf.Type) || field.map) continue
    for (const one of Array.isArray(member) ? member : [member]) {
      if (typeof one === 'object' && one !== null) checkNames(one as JsonObject, field.resolvedType)
    }
  }
}
