import type { Labels, Matcher } from '../promql/index.ts'

const NONE: readonly number[] = []

/** Finds series by their labels: for each name and value the numbers of the series that have it. */
export class LabelIndex {
  /** Numbers in increasing order: lists take a quarter of what sets would, and nearly all series are in several. */
  readonly #postings = new Map<string, Map<string, number[]>>()
  readonly #labels: (Labels | undefined)[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  labelsOf(series: number): Labels | null {
    return this.#labels[series] ?? null
  }

  /** The number of a new series is higher than all that were given before. */
  add(series: number, labels: Labels): void {
    while (this.#labels.length < series) this.#labels.push(undefined)
    this.#labels.push(labels)
    this.#size++
    for (const [name, value] of labels.entries()) {
      const values = this.#postings.get(name) ?? new Map<string, number[]>()
      this.#postings.set(name, values)
      const having = values.get(value)
      if (having === undefined) values.set(value, [series])
      else having.push(series)
    }
  }

  /** All at once: every list is gone through once, however many of its series go. */
  remove(gone: ReadonlySet<number>): void {
    const concerned = new Map<string, Set<string>>()
    for (const series of gone) {
      const labels = this.#labels[series]
      if (labels === undefined) continue
      this.#labels[series] = undefined
      this.#size--
      for (const [name, value] of labels.entries()) {
        const values = concerned.get(name) ?? new Set()
        concerned.set(name, values.add(value))
      }
    }
    for (const [name, values] of concerned)
      for (const value of values) this.#narrow(name, value, gone)
  }

  /** Numbers of the series that all matchers accept. */
  *find(matchers: readonly Matcher[]): Generator<number> {
    for (const series of this.#narrowest(matchers)) {
      const labels = this.#labels[series]
      if (labels !== undefined && matchers.every((matcher) => matcher.matches(labels))) yield series
    }
  }

  names(): string[] {
    return [...this.#postings.keys()].sort()
  }

  valuesOf(name: string): string[] {
    return [...(this.#postings.get(name)?.keys() ?? [])].sort()
  }

  #narrow(name: string, value: string, gone: ReadonlySet<number>): void {
    const values = this.#postings.get(name)
    const left = values?.get(value)?.filter((series) => !gone.has(series)) ?? []
    if (left.length > 0) values?.set(value, left)
    else values?.delete(value)
    if (values?.size === 0) this.#postings.delete(name)
  }

  /** The shortest list of candidates that one matcher alone gives; all series when none does. */
  #narrowest(matchers: readonly Matcher[]): Iterable<number> {
    let best: readonly number[] | null = null
    for (const matcher of matchers) {
      // Series without the label fit as well: the index does not know them.
      if (matcher.accepts('')) continue
      const found = this.#having(matcher)
      if (best === null || found.length < best.length) best = found
    }
    return best ?? this.#labels.keys()
  }

  #having(matcher: Matcher): readonly number[] {
    const values = this.#postings.get(matcher.name)
    if (values === undefined) return NONE
    if (matcher.operator === '=') return values.get(matcher.value) ?? NONE
    // Each series is in one list of a name alone.
    const found: number[] = []
    for (const [value, series] of values) {
      if (matcher.accepts(value)) for (const one of series) found.push(one)
    }
    return found
  }
}
