import { Queue } from './queue.ts'

/** Something that needs room in the hot window and the journal. */
export interface Waiting {
  /** False: still no room, and nothing happened. */
  attempt(): boolean
  /** It will not get its turn any more. */
  refuse(reason: 'storage-error' | 'stopping' | 'disk-full'): void
}

/**
 * Those who wait for room, in the order they came. What is privileged (internal logs, trims, drops)
 * has a line of its own, so that it can use the reserve while ordinary appends wait; one partition's
 * appends are all in the same line, so their order holds.
 */
export class WaitingLine {
  readonly #ordinary = new Queue<Waiting>()
  readonly #privileged = new Queue<Waiting>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#ordinary.size + this.#privileged.size
  }

  /** Whether somebody waits already, so that newcomers must. */
  isBusy(privileged: boolean): boolean {
    return (privileged ? this.#privileged : this.#ordinary).size > 0
  }

  /** At once when nobody waits before it and there is room; otherwise in its turn. */
  enter(waiting: Waiting, privileged: boolean): void {
    const line = privileged ? this.#privileged : this.#ordinary
    if (line.size === 0 && waiting.attempt()) return
    if (line.size >= this.#limit) waiting.refuse('storage-error')
    else line.push(waiting)
  }

  /** There may be room. */
  advance(): void {
    for (const line of [this.#privileged, this.#ordinary]) {
      while (line.at(0)?.attempt() === true) line.shift()
    }
  }

  refuseOrdinary(reason: 'disk-full'): void {
    for (const waiting of this.#ordinary.drain()) waiting.refuse(reason)
  }

  refuseAll(reason: 'storage-error' | 'stopping'): void {
    for (const line of [this.#privileged, this.#ordinary]) {
      for (const waiting of line.drain()) waiting.refuse(reason)
    }
  }
}
