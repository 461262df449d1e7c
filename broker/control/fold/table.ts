/** What a fold needs of a map; a plain Map is one. */
export interface Table<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): unknown
  delete(key: Key): unknown
  readonly size: number
  /** In no particular order. */
  entries(): Iterable<readonly [Key, Value]>
}

/** A table over another one, which it leaves as it is. */
export class OverlayTable<Key, Value> implements Table<Key, Value> {
  readonly #base: Table<Key, Value>
  /** Undefined hides what the base has. */
  readonly #changes = new Map<Key, Value | undefined>()
  #size: number

  constructor(base: Table<Key, Value>) {
    this.#base = base
    this.#size = base.size
  }

  get(key: Key): Value | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#base.get(key)
  }

  get size(): number {
    return this.#size
  }

  set(key: Key, value: Value): void {
    if (this.get(key) === undefined) this.#size++
    this.#changes.set(key, value)
  }

  delete(key: Key): void {
    if (this.get(key) !== undefined) this.#size--
    this.#changes.set(key, undefined)
  }

  *entries(): Generator<readonly [Key, Value]> {
    for (const entry of this.#base.entries()) if (!this.#changes.has(entry[0])) yield entry
    for (const [key, value] of this.#changes) if (value !== undefined) yield [key, value]
  }
}
