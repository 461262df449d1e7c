import type { Clock, Timers } from '../../../kit/index.ts'

/** A read goes on after this at the latest: a disk that is slow, or has failed, shall not end all reading. */
const LONGEST_WAIT_MS = 10
/** Whoever appended so lately will probably do so again, and wait for what is being read by then. */
const RECENT_MS = 1_000

export interface DiskTurnsOptions {
  /** Whether appends wait for the disk. */
  readonly areAppendsWaiting: () => boolean
  readonly clock: Clock
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
  #appendedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: DiskTurnsOptions) {
    this.#options = options
  }

  /** Whether somebody appends; else reads have the disk to themselves and need not be considerate. */
  get isShared(): boolean {
    const { areAppendsWaiting, clock } = this.#options
    return areAppendsWaiting() || clock.monotonicMs() - this.#appendedAtMs < RECENT_MS
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
    this.#appendedAtMs = this.#options.clock.monotonicMs()
    for (const go of [...this.#waiting]) go()
  }
}
