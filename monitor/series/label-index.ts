import type { Labels, Matcher } from '../promql/index.ts'

/** Finds series by their labels: for each name and value the numbers of the series that have it. */
export class LabelIndex {
  readonly #postings = new Map<string, Map<string, Set<number>>>()
  readonly #labels = new Map<number, Labels>()

  get size(): number {
    return this.#labels.size
  }

  add(series: number, labels: Labels): void {
    this.#labels.set(series, labels)
    for (const [name, value] of labels.entries()) {
      const values = this.#postings.get(name) ?? new Map<string, Set<number>>()
      this.#postings.set(name, values)
      const having = values.get(value) ?? new Set<number>()
      values.set(value, having)
      having.add(series)
    }
  }

  remove(series: number): void {
    const labels = this.#labels.get(series)
    if (labels === undefined) return
    this.#labels.delete(series)
    for (const [name, value] of labels.entries()) {
      const values = this.#postings.get(name)
      const having = values?.get(value)
      having?.delete(series)
      if (having?.size === 0) values?.delete(value)
      if (values?.size === 0) this.#postings.delete(name)
    }
  }

  /** Numbers of the series that all matchers accept. */
  *find(matchers: readonly Matcher[]): Generator<number> {
    for (const series of this.#narrowest(matchers)) {
      const labels = this.#labels.get(series)
      if (labels !== undefined && matchers.every((matcher) => matcher.matches(labels))) yield series
    }
  }

  names(): string[] {
    return [...this.#postings.keys()].sort()
  }

  valuesOf(name: string): string[] {
    return [...(this.#postings.get(name)?.keys() ?? [])].sort()
  }

  /** The shortest list of candidates that one matcher alone gives; all series when none does. */
  #narrowest(matchers: readonly Matcher[]): Iterable<number> {
    let best: Set<number> | null = null
    for (const matcher of matchers) {
      // Series without the label fit as well: the index does not know them.
      if (matcher.accepts('')) continue
      const found = this.#having(matcher)
      if (best === null || found.size < best.size) best = found
    }
    return best ?? this.#labels.keys()
  }

  #having(matcher: Matcher): Set<number> {
    const values = this.#postings.get(matcher.name)
    if (values === undefined) return new Set()
    if (matcher.operator === '=') return values.get(matcher.value) ?? new Set()
    const found = new Set<number>()
    for (const [value, series] of values) {
      if (!matcher.accepts(value)) continue
      for (const one of series) found.add(one)
    }
    return found
  }
}
