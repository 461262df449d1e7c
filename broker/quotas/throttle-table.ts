import type { Clock } from '../../kit/index.ts'
import type { LimitKind } from './limit-kinds.ts'
import { Throttle } from './throttle.ts'

/** Who shares a limit, as quotas name them; null where they name none. */
export interface Sharers {
  readonly user: string | null
  readonly clientId: string | null
}

/** A throttle and who it is for. */
export interface KeptThrottle extends Sharers {
  readonly throttle: Throttle
}

/** Throttles that are kept at a time: each stands for somebody who took something lately. */
export const MAX_THROTTLES = 10_000
/** How often those that were not used are looked for. */
const SWEEP_MS = 60_000
/** What is forgotten at once when all are in use: making room for one at a time would do little else. */
const EVICTED = MAX_THROTTLES / 10

/**
 * Throttles by whom they are for, at most so many. One of which nothing was taken lately is as good as
 * a new one, so it can go without anybody noticing. When all were used lately, those looked up longest
 * ago go: their debts are forgotten, which a client could bring about only by using very many names,
 * each of which has a burst of its own anyway.
 */
export class ThrottleTable {
  /** In the order in which they were looked up. */
  readonly #throttles = new Map<string, KeptThrottle>()
  readonly #clock: Clock
  readonly #onForgotten: () => void
  #sweptAtMs: number

  /** `onForgotten`: whoever remembers a throttle has to look it up again, or two would be in use for one. */
  constructor(clock: Clock, onForgotten: () => void) {
    this.#clock = clock
    this.#sweptAtMs = clock.monotonicMs()
    this.#onForgotten = onForgotten
  }

  get size(): number {
    return this.#throttles.size
  }

  all(): Iterable<KeptThrottle> {
    return this.#throttles.values()
  }

  /** The throttle of that name, under that limit; made when there is none. */
  of(name: string, kind: LimitKind, limit: number, sharers: Sharers): Throttle {
    const known = this.#throttles.get(name)
    if (known) {
      this.#throttles.delete(name)
      this.#throttles.set(name, known)
      known.throttle.setLimit(limit)
      return known.throttle
    }
    const nowMs = this.#clock.monotonicMs()
    if (this.#throttles.size >= MAX_THROTTLES || nowMs - this.#sweptAtMs >= SWEEP_MS) {
      this.#makeRoom(nowMs)
    }
    const created = new Throttle(kind, this.#clock, limit)
    this.#throttles.set(name, { throttle: created, ...sharers })
    return created
  }

  #makeRoom(nowMs: number): void {
    this.#sweptAtMs = nowMs
    const sizeBefore = this.#throttles.size
    for (const [name, { throttle }] of this.#throttles) {
      if (throttle.isUntouched) this.#throttles.delete(name)
    }
    if (this.#throttles.size >= MAX_THROTTLES) {
      for (const name of [...this.#throttles.keys()].slice(0, EVICTED)) this.#throttles.delete(name)
    }
    if (this.#throttles.size < sizeBefore) this.#onForgotten()
  }
}
