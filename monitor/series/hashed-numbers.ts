const FIRST_SLOTS = 1024

/**
 * Numbers from 0 on by a hash of what they stand for, in two flat arrays: ten bytes or so each, where a Map from texts takes ten
 * times that. The caller has what they stand for, and compares it.
 */
export class HashedNumbers {
  /** The number and one; 0 is a free slot. Half of them at least are free. */
  #slots = new Uint32Array(FIRST_SLOTS)
  #hashes = new Uint32Array(FIRST_SLOTS)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The number of this hash that `isIt` says is meant; null when there is none. */
  find(hash: number, isIt: (number: number) => boolean): number | null {
    const wanted = hash >>> 0
    const mask = this.#slots.length - 1
    for (let slot = wanted & mask; ; slot = (slot + 1) & mask) {
      const taken = this.#slots[slot] as number
      if (taken === 0) return null
      if (this.#hashes[slot] === wanted && isIt(taken - 1)) return taken - 1
    }
  }

  /** Of a number that is not in it yet. */
  add(hash: number, number: number): void {
    if (this.#size * 2 >= this.#slots.length) this.#rebuild(this.#slots.length * 2, () => true)
    this.#place(hash >>> 0, number + 1)
    this.#size++
  }

  /** Forgets all others. */
  keep(isKept: (number: number) => boolean): void {
    this.#rebuild(FIRST_SLOTS, isKept)
  }

  #rebuild(minSlots: number, isKept: (number: number) => boolean): void {
    const slots = this.#slots
    const hashes = this.#hashes
    const kept = slots.reduce((sum, taken) => sum + (taken !== 0 && isKept(taken - 1) ? 1 : 0), 0)
    let length = minSlots
    while (kept * 2 >= length) length *= 2
    this.#slots = new Uint32Array(length)
    this.#hashes = new Uint32Array(length)
    this.#size = kept
    for (const [slot, taken] of slots.entries()) {
      if (taken !== 0 && isKept(taken - 1)) this.#place(hashes[slot] as number, taken)
    }
  }

  #place(hash: number, taken: number): void {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = taken
    this.#hashes[slot] = hash
  }
}
