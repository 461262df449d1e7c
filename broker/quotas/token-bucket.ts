/**
 * A bucket of tokens that fills all the time: `rate` tokens come each second, and at most what comes
 * in `burstMs` is kept. It may be overdrawn; what is taken beyond is paid back by what comes later, so
 * in the long run no more is taken than comes, whatever the size of single takings.
 *
 * Nothing ticks: what came since is worked out from the time that is passed in, in milliseconds of a
 * clock that never goes back. So a client that takes little is held for milliseconds, not for the
 * rest of a window.
 */
export class TokenBucket {
  #ratePerMs: number
  #capacity: number
  readonly #burstMs: number
  readonly #minCapacity: number
  #tokens: number
  #atMs: number

  /** It begins full. `minCapacity` is for things that are taken whole: a rate of one in ten seconds still lets one in. */
  constructor(ratePerSecond: number, burstMs: number, nowMs: number, minCapacity = 0) {
    this.#burstMs = burstMs
    this.#minCapacity = minCapacity
    this.#ratePerMs = ratePerSecond / 1000
    this.#capacity = Math.max(this.#ratePerMs * burstMs, minCapacity)
    this.#tokens = this.#capacity
    this.#atMs = nowMs
  }

  get capacity(): number {
    return this.#capacity
  }

  /** Negative while overdrawn. */
  tokens(nowMs: number): number {
    this.#fill(nowMs)
    return this.#tokens
  }

  /** Takes, whether there are that many or not. */
  take(count: number, nowMs: number): void {
    this.#fill(nowMs)
    this.#tokens -= count
  }

  /** Puts back what was taken and not used. */
  give(count: number, nowMs: number): void {
    this.#fill(nowMs)
    this.#tokens = Math.min(this.#capacity, this.#tokens + count)
  }

  /** Milliseconds until there are `count` tokens; 0 when there are. No more than fit are waited for. */
  waitMs(count: number, nowMs: number): number {
    const missing = Math.min(count, this.#capacity) - this.tokens(nowMs)
    return missing > 0 ? missing / this.#ratePerMs : 0
  }

  /** Another rate from now on. Debts stay, and are paid back at the new rate. */
  setRate(ratePerSecond: number, nowMs: number): void {
    this.#fill(nowMs)
    this.#ratePerMs = ratePerSecond / 1000
    this.#capacity = Math.max(this.#ratePerMs * this.#burstMs, this.#minCapacity)
    this.#tokens = Math.min(this.#tokens, this.#capacity)
  }

  #fill(nowMs: number): void {
    if (nowMs <= this.#atMs) return
    const tokens = this.#tokens + (nowMs - this.#atMs) * this.#ratePerMs
    this.#tokens = Math.min(this.#capacity, tokens)
    this.#atMs = nowMs
  }
}
