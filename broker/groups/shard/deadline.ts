import type { Cancel, Clock, Timers } from '../../../kit/index.ts'

/**
 * A point in time that mostly moves on before it is reached. Moving it is an assignment: the timer
 * stays armed, and looks when it fires whether the deadline has moved away.
 */
export class Deadline {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #onReached: () => void
  #atMs = Number.POSITIVE_INFINITY
  #armedForMs = Number.POSITIVE_INFINITY
  #cancelTimer: Cancel | undefined

  constructor(clock: Clock, timers: Timers, onReached: () => void) {
    this.#clock = clock
    this.#timers = timers
    this.#onReached = onReached
  }

  /** True from the moment the deadline was reached until it is set again. */
  get isReached(): boolean {
    return this.#clock.monotonicMs() >= this.#atMs
  }

  set(delayMs: number): void {
    this.#atMs = this.#clock.monotonicMs() + delayMs
    if (this.#armedForMs <= this.#atMs) return
    this.#cancelTimer?.()
    this.#arm(delayMs)
  }

  cancel(): void {
    this.#atMs = Number.POSITIVE_INFINITY
    this.#armedForMs = Number.POSITIVE_INFINITY
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #arm(delayMs: number): void {
    this.#armedForMs = this.#clock.monotonicMs() + delayMs
    this.#cancelTimer = this.#timers.after(delayMs, () => {
      this.#armedForMs = Number.POSITIVE_INFINITY
      this.#cancelTimer = undefined
      const leftMs = this.#atMs - this.#clock.monotonicMs()
      // Timers may fire a little early, and the deadline may have moved meanwhile.
      if (leftMs > 0) this.#arm(leftMs)
      else this.#onReached()
    })
  }
}
