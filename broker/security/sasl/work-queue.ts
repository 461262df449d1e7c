/**
 * Runs pieces of work, a few at a time, in the order in which they came. How many wait is bounded
 * by who may give it work: each connection has one piece at most.
 */
export class WorkQueue {
  readonly #maxRunning: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    // Who waits is handed the place of the one that is done.
    if (this.#running < this.#maxRunning) this.#running++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}
