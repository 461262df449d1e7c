/** Work that goes on until the scenario ends. A turn that fails is told and the next one comes. */
export class Repeated {
  #stopped = false
  readonly #turns: Promise<void>[] = []
  readonly #failures = new Map<string, string>()

  /** Begins a turn each `everyMs`, never two at once. */
  start(name: string, everyMs: number, turn: () => Promise<unknown>): void {
    this.#turns.push(this.#run(name, everyMs, turn))
  }

  /** The last failure of each kind of work, for when a board stays empty. */
  get failures(): ReadonlyMap<string, string> {
    return this.#failures
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#turns)
  }

  async #run(name: string, everyMs: number, turn: () => Promise<unknown>): Promise<void> {
    while (!this.#stopped) {
      const pause = new Promise((resolve) => setTimeout(resolve, everyMs))
      try {
        await turn()
      } catch (error) {
        this.#failures.set(name, error instanceof Error ? error.message : String(error))
      }
      await pause
    }
  }
}
