/**
 * Big-endian integers and Kafka's zigzag varints, read from and written to plain bytes at a
 * position. Nothing here checks bounds: callers know that the bytes are there. A read past the end
 * sees zeros and a write past the end is lost, so neither can reach other memory.
 */

const TWO_32 = 0x1_0000_0000

export function int16(bytes: Uint8Array, at: number): number {
  return (uint16(bytes, at) << 16) >> 16
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

export function int32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

export function uint32(bytes: Uint8Array, at: number): number {
  return int32(bytes, at) >>> 0
}

/** An int64 as a number. Exact only when `isSafeInt64` says so; two 32-bit reads, no bigint. */
export function int64(bytes: Uint8Array, at: number): number {
  return int32(bytes, at) * TWO_32 + uint32(bytes, at + 4)
}

/** Whether the int64 lies in [-2^53, 2^53), where every integer has its own number. */
export function isSafeInt64(bytes: Uint8Array, at: number): boolean {
  const high = int32(bytes, at)
  return high >= -0x20_0000 && high < 0x20_0000
}

export function bigInt64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(int32(bytes, at)) << 32n) | BigInt(uint32(bytes, at + 4))
}

export function putInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

export function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** `value` is a safe integer. */
export function putInt64(bytes: Uint8Array, at: number, value: number): void {
  putInt32(bytes, at, Math.floor(value / TWO_32))
  putInt32(bytes, at + 4, value >>> 0)
}

export function putBigInt64(bytes: Uint8Array, at: number, value: bigint): void {
  putInt32(bytes, at, Number(BigInt.asIntN(32, value >> 32n)))
  putInt32(bytes, at + 4, Number(BigInt.asIntN(32, value)))
}

/** Bytes that a zigzag varint of `value` (a safe integer) takes. */
export function varintSize(value: number): number {
  let magnitude = value < 0 ? -value - 1 : value
  let size = 1
  for (magnitude = Math.floor(magnitude / 0x40); magnitude > 0; size++) {
    magnitude = Math.floor(magnitude / 0x80)
  }
  return size
}

/**
 * Writes a zigzag varint (Kafka's varint and varlong are the same bytes) and answers the position
 * after it. The sign is the lowest bit and the magnitude follows, which avoids doubling a value
 * that may have 53 bits.
 */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  const sign = value < 0 ? 1 : 0
  let magnitude = sign === 1 ? -value - 1 : value
  let low = (magnitude % 0x40) * 2 + sign
  magnitude = Math.floor(magnitude / 0x40)
  let position = at
  while (magnitude > 0) {
    bytes[position++] = low | 0x80
    low = magnitude % 0x80
    magnitude = Math.floor(magnitude / 0x80)
  }
  bytes[position++] = low
  return position
}
