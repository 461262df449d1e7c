import type { Clock, Timers } from '../../../kit/index.ts'

/** Splits long work into slices between which the event loop serves others. */
export class Slices {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #sliceMs: number
  #endMs: number

  constructor(clock: Clock, timers: Timers, sliceMs: number) {
    this.#clock = clock
    this.#timers = timers
    this.#sliceMs = sliceMs
    this.#endMs = clock.monotonicMs() + sliceMs
  }

  get isOver(): boolean {
    return this.#clock.monotonicMs() >= this.#endMs
  }

  /** Lets others run, then begins the next slice. */
  async rest(): Promise<void> {
    await new Promise<void>((resolve) => void this.#timers.after(1, resolve))
    this.#endMs = this.#clock.monotonicMs() + this.#sliceMs
  }
}
