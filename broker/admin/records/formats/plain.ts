import { isUtf8 } from 'node:buffer'
import type { Json } from '../../../../audit/index.ts'
import type { ShownValue, ValueCodec } from './value-codec.ts'
import { inHex, reasonOf, UnfitValue } from './value-codec.ts'

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8')

/** Texts that are shown as they are: no control characters but tab and line ends. */
const UNREADABLE = /[^\P{Cc}\t\n\r]/u

export const textCodec: ValueCodec = {
  decode: (bytes) =>
    isUtf8(bytes)
      ? { format: 'text', data: bytes.toString('utf8') }
      : inHex(bytes, 'the bytes are not UTF-8'),
  encode: (value) => utf8(typeof value === 'string' ? value : JSON.stringify(value)),
  searchable: utf8,
}

export const jsonCodec: ValueCodec = {
  decode(bytes) {
    try {
      return { format: 'json', data: parseJson(bytes.toString('utf8')) }
    } catch (cause) {
      return inHex(bytes, reasonOf(cause))
    }
  },
  encode: (value) => utf8(JSON.stringify(value)),
  searchable: utf8,
}

export const hexCodec: ValueCodec = {
  decode: (bytes) => ({ format: 'hex', data: bytes.toString('hex') }),
  encode: (value) => fromDigits(value, 'hex', /^(?:[\da-f]{2})*$/i),
  searchable: null,
}

export const base64Codec: ValueCodec = {
  decode: (bytes) => ({ format: 'base64', data: bytes.toString('base64') }),
  encode: (value) => fromDigits(value, 'base64', /^(?:[\w+/-]{4})*(?:[\w+/-]{2,3}={0,2})?$/),
  searchable: null,
}

/** JSON objects and lists as such, other readable text as text, everything else in hex. */
export const autoCodec: ValueCodec = {
  decode(bytes) {
    if (!isUtf8(bytes)) return hexCodec.decode(bytes)
    const text = bytes.toString('utf8')
    if (/^\s*[[{]/.test(text)) {
      const json = jsonCodec.decode(bytes)
      if (json.fault === undefined) return json
    }
    const shown: ShownValue = { format: 'text', data: text }
    return UNREADABLE.test(text) ? hexCodec.decode(bytes) : shown
  },
  encode: (value) => (typeof value === 'string' ? textCodec : jsonCodec).encode(value),
  searchable: utf8,
}

function fromDigits(value: Json, encoding: 'hex' | 'base64', pattern: RegExp): Buffer {
  if (typeof value !== 'string' || !pattern.test(value)) {
    throw new UnfitValue(`not a text of ${encoding} digits`)
  }
  return Buffer.from(value, encoding)
}

/** As JSON.parse, but integers that a number cannot hold exactly are kept as their text. */
export function parseJson(text: string): Json {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as Json
  // Node gives the source of each value; TypeScript's library does not know it yet.
  const parse = JSON.parse as (text: string, reviver: Reviver) => Json
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && /^-?\d+$/.test(source ?? '') && !Number.isSafeInteger(value)
      ? source
      : value,
  )
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
