/** Runs asynchronous actions one after the other, in the order asked for. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve()

  run<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(action)
    this.#last = result.catch(() => {})
    return result
  }

  /** Resolves when everything asked for before has run. */
  async idle(): Promise<void> {
    await this.#last
  }
}
