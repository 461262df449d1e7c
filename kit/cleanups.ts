interface Cleanup {
  readonly name: string
  readonly run: () => void | Promise<void>
}

/**
 * What must be undone on stop, in reverse order of doing. Each step has a name, so that a stop
 * that hangs or fails says where. `run` is idempotent: a second call waits for the first.
 */
export class Cleanups {
  readonly #steps: Cleanup[] = []
  #running: Promise<void> | undefined

  add(name: string, run: () => void | Promise<void>): void {
    this.#steps.push({ name, run })
  }

  /** Runs every step, last first, even when some fail; then throws one AggregateError of the failures. */
  run(onStep: (name: string) => void = () => {}): Promise<void> {
    this.#running ??= this.#runAll(onStep)
    return this.#running
  }

  async #runAll(onStep: (name: string) => void): Promise<void> {
    const failures: Error[] = []
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      onStep(step.name)
      try {
        await step.run()
      } catch (cause) {
        failures.push(new Error(`could not clean up: ${step.name}`, { cause }))
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some clean-ups failed')
  }
}
