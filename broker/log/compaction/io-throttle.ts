import type { Clock, Timers } from '../../../kit/index.ts'

/** How far ahead of its rate it may run, so that small pieces need no timer each. */
const BURST_MS = 100

/**
 * Holds work back to a number of bytes per second. What was spent is paid for afterwards, by
 * waiting; who waited long may not catch up.
 */
export class IoThrottle {
  readonly #clock: Clock
  readonly #timers: Timers
  #bytesPerSecond = Infinity
  /** When everything spent so far is paid for. */
  #paidAtMs = 0
  #wake: (() => void) | undefined

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock
    this.#timers = timers
  }

  /** Who waits now starts anew with the new rate. */
  setRate(bytesPerSecond: number): void {
    if (bytesPerSecond === this.#bytesPerSecond) return
    this.#bytesPerSecond = bytesPerSecond
    this.release()
  }

  /** Resolves when the bytes, and all before them, are within the rate. One may wait at a time. */
  async spend(sizeBytes: number): Promise<void> {
    const nowMs = this.#clock.monotonicMs()
    const costMs = (sizeBytes / this.#bytesPerSecond) * 1000
    this.#paidAtMs = Math.max(this.#paidAtMs, nowMs) + costMs
    const waitMs = this.#paidAtMs - nowMs
    if (waitMs < BURST_MS) return
    await new Promise<void>((resolve) => {
      const cancel = this.#timers.after(waitMs, () => this.#wake?.())
      this.#wake = () => {
        this.#wake = undefined
        cancel()
        resolve()
      }
    })
  }

  /** Lets go of who waits, and of what was not paid for yet. */
  release(): void {
    this.#paidAtMs = 0
    this.#wake?.()
  }
}
