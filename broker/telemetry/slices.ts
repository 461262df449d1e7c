import { setImmediate as turn } from 'node:timers/promises'
import type { Clock, Timers } from '../../kit/index.ts'

/**
 * Nobody else waits longer than this for a scrape of ten thousand partitions: about, because garbage may be collected
 * meanwhile. A request of a client comes back to the event loop some times until it is answered, and may find a slice
 * there each time.
 */
const SLICE_MS = 0.25
/** So long whoever has something to do finds nothing in his way: timers know nothing shorter. */
const REST_MS = 1
/** So many rests at most, so that whoever scrapes is not kept waiting either; what is left goes on after one turn each. */
const MAX_RESTS = 200

/** One scrape's work in slices, between which it gives way to others. */
export class Slices {
  readonly #clock: Clock
  readonly #timers: Timers
  #fromMs: number
  #restsLeft = MAX_RESTS

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }) {
    this.#clock = clock
    this.#timers = timers
    this.#fromMs = clock.monotonicMs()
  }

  get isOver(): boolean {
    return this.#clock.monotonicMs() - this.#fromMs >= SLICE_MS
  }

  /** Lets others work. */
  async pause(): Promise<void> {
    if (this.#restsLeft > 0) {
      this.#restsLeft--
      await new Promise<void>((resolve) => void this.#timers.after(REST_MS, resolve))
    } else {
      await turn()
    }
    this.#fromMs = this.#clock.monotonicMs()
  }
}
