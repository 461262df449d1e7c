import type { Hold, Throttle } from './throttle.ts'

/**
 * What one request may change of the topics (KIP-599): each partition that is created or deleted is a
 * mutation. A strict quota refuses what comes while there is a debt; a permissive one, for clients that
 * do not know that error, takes it and holds the client until the debt is paid back.
 */
export class MutationQuota {
  readonly #throttle: Throttle
  readonly #isStrict: boolean
  readonly #hold: (waitMs: number) => Hold
  #hasRefused = false

  constructor(throttle: Throttle, isStrict: boolean, hold: (waitMs: number) => Hold) {
    this.#throttle = throttle
    this.#isStrict = isStrict
    this.#hold = hold
  }

  /** Takes so many mutations; false refuses them. One that is allowed is taken whole, however large. */
  take(count: number): boolean {
    if (this.#isStrict && this.#throttle.debtMs > 0) {
      this.#hasRefused = true
      return false
    }
    this.#throttle.take(count)
    return true
  }

  /** Those that came to nothing. */
  give(count: number): void {
    this.#throttle.give(count)
  }

  /** For how long the client is to wait, once all of the request is done; null when it need not. */
  hold(): Hold | null {
    if (this.#isStrict && !this.#hasRefused) return null
    const waitMs = this.#throttle.debtMs
    return waitMs > 0 ? this.#hold(waitMs) : null
  }
}
