import type { Timers } from '../../../kit/index.ts'

/** A read goes on after this at the latest: a disk that is slow, or has failed, shall not end all reading. */
const LONGEST_WAIT_MS = 10

export interface DiskTurnsOptions {
  /** Whether appends wait for the disk. */
  readonly areAppendsWaiting: () => boolean
  readonly timers: Timers
}

/**
 * Whose turn it is to use the disk: appends first, and reads of what is not cached whenever none
 * waits, or one of those that waited has become durable. So a sync finds at most one small read of
 * each lane before it, and readers get their share however busy the producers are.
 */
export class DiskTurns {
  readonly #options: DiskTurnsOptions
  readonly #waiting = new Set<() => void>()

  constructor(options: DiskTurnsOptions) {
    this.#options = options
  }

  /** Resolves when a read may begin; undefined when it may at once. */
  wait(): Promise<void> | undefined {
    if (!this.#options.areAppendsWaiting()) return undefined
    return new Promise((resolve) => {
      const go = (): void => {
        this.#waiting.delete(go)
        cancel()
        resolve()
      }
      const cancel = this.#options.timers.after(LONGEST_WAIT_MS, go)
      this.#waiting.add(go)
    })
  }

  /** Appends have become durable: who waits has its turn. */
  next(): void {
    for (const go of [...this.#waiting]) go()
  }
}
