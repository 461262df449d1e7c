/** `shared` work overlaps with other shared work (commits, heartbeats); `exclusive` work is alone. */
export type Mode = 'shared' | 'exclusive'

interface Waiting {
  readonly mode: Mode
  readonly work: () => void
}

/**
 * Orders the work on one group: first come, first served, one at a time, except that commits and
 * heartbeats overlap, because none of them depends on another. Work that is let in runs at once and holds its
 * place until `leave`. That is what makes a decision safe while an earlier one waits for the disk.
 */
export class Gate {
  readonly #waiting: Waiting[] = []
  #shared = 0
  #exclusive = false
  #isLettingIn = false

  get isIdle(): boolean {
    return this.#shared === 0 && !this.#exclusive && this.#waiting.length === 0
  }

  enter(mode: Mode, work: () => void): void {
    this.#waiting.push({ mode, work })
    this.#letIn()
  }

  leave(mode: Mode): void {
    if (mode === 'shared') this.#shared--
    else this.#exclusive = false
    this.#letIn()
  }

  #letIn(): void {
    // Work may leave before it returns: the loop that let it in goes on, instead of one inside it.
    if (this.#isLettingIn) return
    this.#isLettingIn = true
    try {
      for (let next = this.#next(); next; next = this.#next()) next.work()
    } finally {
      this.#isLettingIn = false
    }
  }

  #next(): Waiting | undefined {
    const [first] = this.#waiting
    if (!first || this.#exclusive) return undefined
    if (first.mode === 'exclusive' && this.#shared > 0) return undefined
    if (first.mode === 'shared') this.#shared++
    else this.#exclusive = true
    return this.#waiting.shift()
  }
}
