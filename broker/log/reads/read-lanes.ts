import { Queue } from '../queue.ts'

/** Lets at most so many actions run at a time; the others wait, and begin in the order asked for. */
export class ReadLanes {
  readonly #count: number
  readonly #waiting = new Queue<() => void>()
  #running = 0

  constructor(count: number) {
    this.#count = count
  }

  /** Whether an action would begin at once. */
  get hasFree(): boolean {
    return this.#running < this.#count
  }

  async run<Result>(action: () => Promise<Result>): Promise<Result> {
    // A lane is handed over to the first who waits, so nobody overtakes.
    if (this.#running < this.#count) this.#running++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await action()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
