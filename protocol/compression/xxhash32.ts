const PRIME_1 = 0x9e3779b1
const PRIME_2 = 0x85ebca77
const PRIME_3 = 0xc2b2ae3d
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

/** XXH32 with seed 0, the checksum of LZ4 frames (xxHash specification, "XXH32 algorithm description"). */
export function xxhash32(bytes: Uint8Array): number {
  const { length } = bytes
  let position = 0
  let hash: number
  if (length >= 16) {
    let lane1 = (PRIME_1 + PRIME_2) | 0
    let lane2 = PRIME_2 | 0
    let lane3 = 0
    let lane4 = -PRIME_1 | 0
    for (; position <= length - 16; position += 16) {
      lane1 = round(lane1, littleEndian32(bytes, position))
      lane2 = round(lane2, littleEndian32(bytes, position + 4))
      lane3 = round(lane3, littleEndian32(bytes, position + 8))
      lane4 = round(lane4, littleEndian32(bytes, position + 12))
    }
    hash = rotate(lane1, 1) + rotate(lane2, 7) + rotate(lane3, 12) + rotate(lane4, 18)
  } else {
    hash = PRIME_5
  }
  hash = (hash + length) | 0
  for (; position <= length - 4; position += 4) {
    hash += Math.imul(littleEndian32(bytes, position), PRIME_3)
    hash = Math.imul(rotate(hash, 17), PRIME_4)
  }
  for (; position < length; position++) {
    hash += Math.imul(bytes[position] as number, PRIME_5)
    hash = Math.imul(rotate(hash, 11), PRIME_1)
  }
  return avalanche(hash)
}

function round(lane: number, input: number): number {
  return Math.imul(rotate((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1)
}

function avalanche(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  mixed = Math.imul(mixed ^ (mixed >>> 13), PRIME_3)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function littleEndian32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}
