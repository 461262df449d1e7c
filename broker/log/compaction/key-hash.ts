import { hash } from 'node:crypto'

/** 32-bit words of a key's hash. */
export const KEY_HASH_WORDS = 4

/**
 * Puts 128 bits of SHA-256 in place of a key. Two keys of one hash would lose records, and in a
 * topic that many clients share (committed offsets) one of them could want that: so it is a hash for
 * which nobody can find the second key, not a fast one.
 */
export function hashKey(key: Uint8Array, target: Uint32Array): void {
  const digest = hash('sha256', key, 'buffer')
  for (let word = 0; word < KEY_HASH_WORDS; word++) target[word] = digest.readUInt32LE(word * 4)
}
