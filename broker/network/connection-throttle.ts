import type { Cancel, Clock, Timers } from '../../kit/index.ts'
import type { Hold } from '../quotas/index.ts'

/** Longest wait until a hold is looked at again. */
const LOOK_MS = 30_000

/** Told what the connection that is held may do again. */
export interface ThrottleListener {
  /** Everything. */
  onOver(): void
  /** Take one chunk. */
  onLook(): void
}

/**
 * Keeps the next requests of a connection from being started, and their bytes from being read, for as
 * long as quotas ask (KIP-219): the client was told in the answer, and this holds whoever does not
 * keep to it.
 *
 * Whoever is not read is not seen to hang up, and a debt may take days to pay. Therefore one chunk is
 * taken from the beginning of a hold, and one more every half a minute: a client that keeps to what it
 * was told sends none, and is read all the time. At the same times the hold is asked what remains of it.
 */
export class ConnectionThrottle {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #listener: ThrottleListener
  /** The longest of those that hold it; none when it is free. */
  #hold: Hold | undefined
  #untilMs = 0
  #isLooking = false
  #cancel: Cancel = () => {}

  constructor(clock: Clock, timers: Timers, listener: ThrottleListener) {
    this.#clock = clock
    this.#timers = timers
    this.#listener = listener
  }

  get isHeld(): boolean {
    return this.#hold !== undefined
  }

  /** Whether the next chunk may be taken; requests in it are not started while it is held. */
  get mayRead(): boolean {
    return this.#hold === undefined || this.#isLooking
  }

  /** Holds the connection, unless something holds it for longer. */
  hold(hold: Hold): void {
    const untilMs = this.#clock.monotonicMs() + hold.waitMs
    if (this.#hold && untilMs <= this.#untilMs) return
    if (!this.#hold) this.#isLooking = true
    this.#hold = hold
    this.#waitUntil(untilMs)
  }

  /** A chunk was taken. */
  received(): void {
    this.#isLooking = false
  }

  /** Quotas changed: it may be held for less now, or for longer. */
  reconsider(): void {
    const remainingMs = this.#hold?.remainingMs()
    if (remainingMs === undefined) return
    if (remainingMs > 0) this.#waitUntil(this.#clock.monotonicMs() + remainingMs)
    else this.#release()
  }

  /** The connection ends: nothing is read from it any more anyway. */
  stop(): void {
    this.#hold = undefined
    this.#cancel()
  }

  #release(): void {
    this.stop()
    this.#listener.onOver()
  }

  #waitUntil(untilMs: number): void {
    this.#untilMs = untilMs
    this.#cancel()
    const waitMs = Math.min(untilMs - this.#clock.monotonicMs(), LOOK_MS)
    this.#cancel = this.#timers.after(waitMs, () => this.#look())
  }

  /** Nobody is held for longer than he was told, whatever others who share the limit took meanwhile. */
  #look(): void {
    const nowMs = this.#clock.monotonicMs()
    const untilMs = Math.min(this.#untilMs, nowMs + (this.#hold?.remainingMs() ?? 0))
    if (untilMs <= nowMs) {
      this.#release()
      return
    }
    this.#isLooking = true
    this.#waitUntil(untilMs)
    this.#listener.onLook()
  }
}
