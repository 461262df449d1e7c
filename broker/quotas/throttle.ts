import type { Clock } from '../../kit/index.ts'
import type { LimitKind, LimitShape } from './limit-kinds.ts'
import { LIMIT_SHAPES, SLICE_MS } from './limit-kinds.ts'
import { RecentUse } from './recent-use.ts'
import { TokenBucket } from './token-bucket.ts'

/** How long somebody is to wait, and, asked again later, how long still: quotas may change meanwhile. */
export interface Hold {
  /** At least 1, a whole number: what the answer says. */
  readonly waitMs: number
  remainingMs(): number
}

/** One limit and what was taken of it, by all who share it. */
export class Throttle {
  readonly kind: LimitKind
  /** What was taken lately, in tokens. */
  readonly recent: RecentUse
  readonly #shape: LimitShape
  readonly #clock: Clock
  readonly #bucket: TokenBucket
  #limit: number | null

  /** `limit` is in the unit of the kind; null for none. */
  constructor(kind: LimitKind, clock: Clock, limit: number | null) {
    this.kind = kind
    this.#clock = clock
    this.#shape = LIMIT_SHAPES[kind]
    this.#limit = limit
    const { burstMs, minBurst } = this.#shape
    const nowMs = clock.monotonicMs()
    this.#bucket = new TokenBucket(this.#rate, burstMs, nowMs, minBurst)
    this.recent = new RecentUse(nowMs)
  }

  /** Nothing was taken of it for long enough that a new one would be the same. */
  get isUntouched(): boolean {
    return this.#bucket.tokens(this.#clock.monotonicMs()) >= this.#bucket.capacity
  }

  /** What can be taken without being held. */
  get tokens(): number {
    return this.#bucket.tokens(this.#clock.monotonicMs())
  }

  /** Takes, in any case. Answers for how many milliseconds that leaves a debt; 0 for none. */
  take(count: number): number {
    const nowMs = this.#clock.monotonicMs()
    this.#bucket.take(count, nowMs)
    this.recent.add(count, nowMs)
    return this.#wait(0, nowMs)
  }

  give(count: number): void {
    const nowMs = this.#clock.monotonicMs()
    this.#bucket.give(count, nowMs)
    this.recent.add(-count, nowMs)
  }

  /** It has held somebody for so long. */
  noteHold(waitMs: number): void {
    this.recent.addHold(waitMs, this.#clock.monotonicMs())
  }

  /** Milliseconds until the debt is paid back; 0 when there is none. */
  get debtMs(): number {
    return this.#wait(0, this.#clock.monotonicMs())
  }

  /** Milliseconds until one can be taken whole. */
  get nextMs(): number {
    return this.#wait(1, this.#clock.monotonicMs())
  }

  /** Milliseconds until a slice of a second's worth can be taken: the least that is worth a read. */
  get sliceMs(): number {
    const slice = Math.max(1, (this.#rate * SLICE_MS) / 1000)
    return this.#wait(slice, this.#clock.monotonicMs())
  }

  /** The limit from now on; null takes it away. */
  setLimit(limit: number | null): void {
    if (limit === this.#limit) return
    this.#limit = limit
    this.#bucket.setRate(this.#rate, this.#clock.monotonicMs())
  }

  /** A limit that was taken away lets everything through. */
  get #rate(): number {
    return this.#limit === null ? Number.MAX_SAFE_INTEGER : this.#limit * this.#shape.tokensPerUnit
  }

  #wait(count: number, nowMs: number): number {
    if (this.#limit === null) return 0
    const waitMs = this.#bucket.waitMs(count, nowMs)
    return waitMs > 0 ? Math.min(Math.ceil(waitMs), this.#shape.maxHoldMs) : 0
  }
}
