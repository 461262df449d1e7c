import type { ValueCodec } from './value-codec.ts'
import { inHex } from './value-codec.ts'

/** A zero byte and the schema's id. */
const HEADER_BYTES = 5

/**
 * Values that serializers of a schema registry wrote: a header with the schema's id comes before
 * them, and for Protobuf the path to the message within the schema. For reading only, because the
 * id is the registry's to give.
 */
export function withRegistryFraming(codec: ValueCodec, hasMessagePath: boolean): ValueCodec {
  return {
    decode(bytes) {
      if (bytes.length < HEADER_BYTES || bytes[0] !== 0) {
        return inHex(bytes, 'has no header of a schema registry')
      }
      const start = hasMessagePath ? afterMessagePath(bytes) : HEADER_BYTES
      return start < 0
        ? inHex(bytes, 'the path to the message has no end')
        : codec.decode(bytes.subarray(start))
    },
    encode: (value) => codec.encode(value),
    searchable: null,
  }
}

/** Where the path ends: a count and so many indexes, as varints; a count of zero is the first message. */
function afterMessagePath(bytes: Buffer): number {
  let position = HEADER_BYTES
  const next = (): number => {
    let value = 0
    for (let scale = 1; scale < 2 ** 35; scale *= 0x80) {
      const byte = bytes[position++]
      if (byte === undefined) return -1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value / 2
    }
    return -1
  }
  const count = next()
  for (let left = count; left > 0; left--) if (next() < 0) return -1
  return count < 0 ? -1 : position
}
