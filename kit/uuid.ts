import type { Random } from './random.ts'

/**
 * A 128-bit id in Kafka's text form: 22 characters of URL-safe base64, no padding
 * (`org.apache.kafka.common.Uuid#toString`). Compared and used as a map key as text.
 */
export type Uuid = string

/** The id that means "none" on the wire: sixteen zero bytes. */
export const ZERO_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA'

export function uuidFromBytes(bytes: Buffer, position = 0): Uuid {
  return bytes.toString('base64url', position, position + 16)
}

/** Sixteen bytes; throws a RangeError when `text` is not an id in the form above. */
export function uuidToBytes(text: Uuid): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== 16) throw new RangeError(`not a 128-bit id: ${JSON.stringify(text)}`)
  return bytes
}

/**
 * A random version 4 id that no client takes for one of Kafka's reserved ids (zero and one) and
 * that does not begin with "-", so that it can be typed as a command-line argument.
 */
export function randomUuid(random: Random): Uuid {
  for (;;) {
    const bytes = random.bytes(16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const text = uuidFromBytes(bytes)
    if (!text.startsWith('-')) return text
  }
}
