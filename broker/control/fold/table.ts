/** What a fold needs of a map; a plain Map is one. */
export interface Table<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): unknown
  delete(key: Key): unknown
  /** In no particular order. */
  entries(): Iterable<readonly [Key, Value]>
}

/** A table over another one, which it leaves as it is. */
export class OverlayTable<Key, Value> implements Table<Key, Value> {
  readonly #base: Table<Key, Value>
  /** Undefined hides what the base has. */
  readonly #changes = new Map<Key, Value | undefined>()

  constructor(base: Table<Key, Value>) {
    this.#base = base
  }

  get(key: Key): Value | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#base.get(key)
  }

  set(key: Key, value: Value): void {
    this.#changes.set(key, value)
  }

  delete(key: Key): void {
    this.#changes.set(key, undefined)
  }

  *entries(): Generator<readonly [Key, Value]> {
    for (const entry of this.#base.entries()) if (!this.#changes.has(entry[0])) yield entry
    for (const [key, value] of this.#changes) if (value !== undefined) yield [key, value]
  }
}
