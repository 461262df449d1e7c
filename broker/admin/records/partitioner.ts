/** Partition of a record with a key: the same that Kafka's own clients choose. */
export function partitionOfKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitionCount
}

const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995
const SHIFT = 24

/** MurmurHash2, 32 bits, as Kafka's `Utils.murmur2` has it. */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let hash = SEED ^ bytes.length
  let at = 0
  for (; bytes.length - at >= 4; at += 4) {
    let word = Math.imul(view.getInt32(at, true), MULTIPLIER)
    word ^= word >>> SHIFT
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER)
  }
  for (let index = bytes.length - at - 1; index >= 0; index--) {
    hash ^= (bytes[at + index] ?? 0) << (8 * index)
    if (index === 0) hash = Math.imul(hash, MULTIPLIER)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, MULTIPLIER)
  return hash ^ (hash >>> 15)
}
