import type { Cancel, Clock, Timers } from '../../kit/index.ts'
import type { Hold } from '../quotas/index.ts'

/**
 * Keeps a connection from being read, and its next requests from being started, for as long as quotas
 * ask (KIP-219): the client was told in the answer, and this holds whoever does not keep to it.
 */
export class ConnectionThrottle {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #onOver: () => void
  /** The longest of those that hold it; none when it is free. */
  #hold: Hold | undefined
  #untilMs = 0
  #cancel: Cancel = () => {}

  constructor(clock: Clock, timers: Timers, onOver: () => void) {
    this.#clock = clock
    this.#timers = timers
    this.#onOver = onOver
  }

  get isHeld(): boolean {
    return this.#hold !== undefined
  }

  /** Holds the connection, unless something holds it for longer. */
  hold(hold: Hold): void {
    const untilMs = this.#clock.monotonicMs() + hold.waitMs
    if (this.#hold && untilMs <= this.#untilMs) return
    this.#hold = hold
    this.#wait(hold.waitMs, untilMs)
  }

  /** Quotas changed: it may be held for less now, or for longer. */
  reconsider(): void {
    const remainingMs = this.#hold?.remainingMs()
    if (remainingMs === undefined) return
    if (remainingMs > 0) this.#wait(remainingMs, this.#clock.monotonicMs() + remainingMs)
    else this.#release()
  }

  /** The connection ends: nothing is read from it any more anyway. */
  stop(): void {
    this.#hold = undefined
    this.#cancel()
  }

  #release(): void {
    this.stop()
    this.#onOver()
  }

  #wait(waitMs: number, untilMs: number): void {
    this.#untilMs = untilMs
    this.#cancel()
    this.#cancel = this.#timers.after(waitMs, () => this.#release())
  }
}
