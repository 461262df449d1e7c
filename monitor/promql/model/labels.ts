export const METRIC_NAME = '__name__'

/** What describes a metric rather than a series, and no longer fits once its values are calculated with. */
const DESCRIBING: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__'])

/** Lists of names that are shared: most series have the names of thousands of others. */
const sharedNames = new Map<string, readonly string[]>()
/** Then they are collected anew: names that nobody uses any more must not stay for ever. */
const MAX_SHARED = 10_000

/** The labels of a series: an immutable set of names with values, ordered by name. An empty value means no label. */
export class Labels {
  static readonly empty = new Labels([], [])

  readonly names: readonly string[]
  readonly values: readonly string[]
  #key: string | null = null

  private constructor(names: readonly string[], values: readonly string[]) {
    this.names = shared(names)
    this.values = values
  }

  static of(labels: Readonly<Record<string, string>>): Labels {
    return Labels.from(Object.entries(labels))
  }

  /** Of two entries with the same name the later one counts. */
  static from(entries: Iterable<readonly [name: string, value: string]>): Labels {
    const sorted = [...new Map(entries)]
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => compareText(a, b))
    return new Labels(
      sorted.map(([name]) => name),
      sorted.map(([, value]) => value),
    )
  }

  get size(): number {
    return this.names.length
  }

  /** Equal for equal labels only. Made once. */
  get key(): string {
    this.#key ??= this.#join()
    return this.#key
  }

  /** The value of a label; empty when there is none. */
  get(name: string): string {
    const at = this.names.indexOf(name)
    return at < 0 ? '' : (this.values[at] ?? '')
  }

  get metricName(): string {
    return this.get(METRIC_NAME)
  }

  with(name: string, value: string): Labels {
    return Labels.from([...this.entries(), [name, value]])
  }

  keep(names: ReadonlySet<string>): Labels {
    return this.#where((name) => names.has(name))
  }

  without(names: ReadonlySet<string>): Labels {
    return this.#where((name) => !names.has(name))
  }

  /** Without the metric's name, type and unit. */
  withoutName(): Labels {
    return this.without(DESCRIBING)
  }

  *entries(): Generator<readonly [name: string, value: string]> {
    for (let at = 0; at < this.names.length; at++) {
      yield [this.names[at] ?? '', this.values[at] ?? '']
    }
  }

  toRecord(): Record<string, string> {
    return Object.fromEntries(this.entries())
  }

  /** As Prometheus prints them in messages: `{__name__="up", job="a"}`. */
  toString(): string {
    return `{${[...this.entries()].map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`
  }

  #where(wanted: (name: string) => boolean): Labels {
    if (this.names.every(wanted)) return this
    const names: string[] = []
    const values: string[] = []
    for (const [name, value] of this.entries()) {
      if (!wanted(name)) continue
      names.push(name)
      values.push(value)
    }
    return new Labels(names, values)
  }

  /** Each text behind its length: no separator that a text could hold, and a byte a character for plain text. */
  #join(): string {
    const parts: string[] = []
    for (let at = 0; at < this.names.length; at++) {
      const name = this.names[at] ?? ''
      const value = this.values[at] ?? ''
      parts.push(`${name.length}:${name}${value.length}:${value}`)
    }
    return parts.join('')
  }
}

function shared(names: readonly string[]): readonly string[] {
  const key = names.map((name) => `${name.length}:${name}`).join('')
  const known = sharedNames.get(key)
  if (known !== undefined) return known
  if (sharedNames.size >= MAX_SHARED) sharedNames.clear()
  sharedNames.set(key, names)
  return names
}

/** By code units, as Go orders strings that are plain ASCII; a locale has no say. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Compares name by name, then value by value: the order of series in an answer. */
export function compareLabels(a: Labels, b: Labels): number {
  const shared = Math.min(a.size, b.size)
  for (let at = 0; at < shared; at++) {
    const byName = compareText(a.names[at] ?? '', b.names[at] ?? '')
    if (byName !== 0) return byName
    const byValue = compareText(a.values[at] ?? '', b.values[at] ?? '')
    if (byValue !== 0) return byValue
  }
  return a.size - b.size
}
