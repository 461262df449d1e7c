import type { Labels } from '../model/labels.ts'
import { METRIC_NAME } from '../model/labels.ts'

/** Maps labels to those of their group; remembers groups by key, so that one object stands for each. */
export class Grouping<T> {
  readonly #names: ReadonlySet<string>
  readonly #without: boolean
  readonly #create: (labels: Labels) => T
  readonly #groups = new Map<string, T>()

  constructor(names: readonly string[], without: boolean, create: (labels: Labels) => T) {
    this.#names = new Set(without ? [...names, METRIC_NAME] : names)
    this.#without = without
    this.#create = create
  }

  groupOf(labels: Labels): T {
    const own = this.#without ? labels.without(this.#names) : labels.keep(this.#names)
    const known = this.#groups.get(own.key)
    if (known !== undefined) return known
    const created = this.#create(own)
    this.#groups.set(own.key, created)
    return created
  }

  all(): IterableIterator<T> {
    return this.#groups.values()
  }
}
