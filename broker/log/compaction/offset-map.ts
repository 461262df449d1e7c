import { KEY_HASH_WORDS } from './key-hash.ts'

/** Bytes of a slot: the hash of the key, and a float64 for the offset. */
export const OFFSET_MAP_SLOT_BYTES = KEY_HASH_WORDS * 4 + 8

/** Offset of a slot that is free; offsets are stored one higher, so that fresh memory is all free. */
const FREE = 0

/**
 * The latest offset of each key, by the key's hash, in memory of a fixed size. Open addressing with
 * steps of one; nothing is ever taken out.
 */
export class OffsetMap {
  readonly #hashes: Uint32Array
  readonly #offsets: Float64Array
  readonly #slots: number
  readonly #limit: number
  #size = 0

  /** `mostKeys` keeps it small where fewer keys are to come than `limitBytes` would hold. */
  constructor(limitBytes: number, loadFactor: number, mostKeys: number) {
    const wanted = Math.ceil(mostKeys / loadFactor) + 1
    // One slot is always free, for a search to end at.
    this.#slots = Math.max(2, Math.min(Math.floor(limitBytes / OFFSET_MAP_SLOT_BYTES), wanted))
    this.#limit = Math.max(1, Math.min(Math.floor(this.#slots * loadFactor), this.#slots - 1))
    this.#hashes = new Uint32Array(this.#slots * KEY_HASH_WORDS)
    this.#offsets = new Float64Array(this.#slots)
  }

  get size(): number {
    return this.#size
  }

  get sizeBytes(): number {
    return this.#hashes.byteLength + this.#offsets.byteLength
  }

  /** Keeps the offset for the key, in place of an earlier one; false when there is no room for a new key. */
  put(hash: Uint32Array, offset: number): boolean {
    const slot = this.#find(hash)
    if (this.#offsets[slot] === FREE) {
      if (this.#size >= this.#limit) return false
      this.#size++
      this.#hashes.set(hash, slot * KEY_HASH_WORDS)
    }
    this.#offsets[slot] = offset + 1
    return true
  }

  /** The latest offset of the key; -1 when it is not here. */
  get(hash: Uint32Array): number {
    return (this.#offsets[this.#find(hash)] as number) - 1
  }

  /** The key's slot, or the free one where it would go. */
  #find(hash: Uint32Array): number {
    const hashes = this.#hashes
    let slot = (hash[0] as number) % this.#slots
    while (this.#offsets[slot] !== FREE) {
      const at = slot * KEY_HASH_WORDS
      const isKey =
        hashes[at] === hash[0] &&
        hashes[at + 1] === hash[1] &&
        hashes[at + 2] === hash[2] &&
        hashes[at + 3] === hash[3]
      if (isKey) return slot
      slot++
      if (slot === this.#slots) slot = 0
    }
    return slot
  }
}
