import type { LimitKind } from './limit-kinds.ts'

/** How often, and for how long in all, a limit held somebody. */
export interface ThrottleCount {
  readonly kind: LimitKind
  readonly name: string
  count: number
  totalMs: number
}

/** Names of one kind of limit that are told apart; those beyond are counted together. */
export const MAX_NAMES = 200
/** The name of those beyond. */
export const OTHER = 'other'

/** Counts by kind of limit and by name (of a user, a topic, an address), however many names there are. */
export class ThrottleCounts {
  readonly #byKind = new Map<LimitKind, Map<string, ThrottleCount>>()

  note(kind: LimitKind, name: string, waitMs: number): void {
    let names = this.#byKind.get(kind)
    if (!names) {
      names = new Map()
      this.#byKind.set(kind, names)
    }
    const counted = names.has(name) || names.size < MAX_NAMES ? name : OTHER
    let count = names.get(counted)
    if (!count) {
      count = { kind, name: counted, count: 0, totalMs: 0 }
      names.set(counted, count)
    }
    count.count++
    count.totalMs += waitMs
  }

  *all(): Iterable<ThrottleCount> {
    for (const names of this.#byKind.values()) yield* names.values()
  }
}
