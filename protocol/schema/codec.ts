import { ProtocolError } from '../protocol-error.ts'
import { compileStructReader } from './compile-reader.ts'
import { compileStructWriter } from './compile-writer.ts'
import type { EncodableStruct, Fields, StructOf } from './field.ts'
import type { Codec, Message } from './message.ts'
import { isFlexible } from './message.ts'
import { inRange } from './version-range.ts'

/**
 * The codec of a message in one version, compiled when it is first asked for and kept. Asking for a
 * version that is not declared is a fault of the caller: a RangeError.
 */
export function codec<F extends Fields>(
  message: Message<F>,
  version: number,
): Codec<StructOf<F>, EncodableStruct<F>> {
  const known = message.codecs[version]
  if (known !== undefined) return known
  if (!inRange(message.versions, version)) {
    throw new RangeError(`${message.name} has no version ${version}`)
  }
  const compiled = compile(message, version)
  message.codecs[version] = compiled
  return compiled
}

function compile<F extends Fields>(
  message: Message<F>,
  version: number,
): Codec<StructOf<F>, EncodableStruct<F>> {
  const encoding = { version, flexible: isFlexible(message, version) }
  const readStruct = compileStructReader(message.fields, encoding)
  const writeStruct = compileStructWriter(message.fields, encoding)
  return {
    read(reader) {
      try {
        return readStruct(reader) as StructOf<F>
      } catch (error) {
        throw error instanceof ProtocolError ? error.of(message.name, version) : error
      }
    },
    write(writer, value) {
      try {
        writeStruct(writer, value)
      } catch (error) {
        throw error instanceof ProtocolError ? error.of(message.name, version) : error
      }
    },
  }
}
