import type { Json } from '../../../../audit/index.ts'

/** Turns the bytes of a key or a value into JSON that people can read, and back. */
export interface ValueCodec {
  /** How the bytes are shown: `auto` shows each as what it seems to be. */
  decode(bytes: Buffer): ShownValue
  /** Throws an UnfitValue when the value has no form in this format. */
  encode(value: Json): Buffer
  /** The bytes that hold `text` when they are shown as they are; null when only decoding can tell. */
  readonly searchable: ((text: string) => Buffer) | null
}

export interface ShownValue {
  readonly format: ShownFormat
  readonly data: Json
  /** Why the bytes are shown in hex instead of in the format asked for. */
  readonly fault?: string
}

export const FORMATS = ['auto', 'text', 'json', 'hex', 'base64', 'avro', 'protobuf'] as const
export type Format = (typeof FORMATS)[number]
export type ShownFormat = Exclude<Format, 'auto'>

/** A value that a format cannot carry, or bytes that are not of it. The message says how. */
export class UnfitValue extends Error {
  override readonly name = 'UnfitValue'
}

/** The message of whatever a library threw at hostile input. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** What cannot be shown as asked for is shown in hex, with the reason. */
export function inHex(bytes: Buffer, fault: string): ShownValue {
  return { format: 'hex', data: bytes.toString('hex'), fault }
}
