import type { Timers } from '../../../kit/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import type { ConnectionView } from '../connection-view.ts'
import type { FetchSession } from './fetch-session.ts'

/** Why a wait woke up: a log grew, or there is no point in waiting any longer. */
export type Wake = 'grown' | 'over'

interface WaitOptions {
  readonly store: LogStore
  /** Whose resting partitions are waited for. */
  readonly session: FetchSession | undefined
  readonly timers: Timers
  readonly connection: ConnectionView
  readonly maxWaitMs: number
}

/**
 * Waits for any of some logs to grow, for at most a given time, and no longer than the client does.
 * Growth that comes while nobody waits is not lost, and growth of many logs at once wakes once.
 * `stop` must be called in the end.
 */
export class GrowthWait {
  readonly #store: LogStore
  readonly #undo: (() => void)[] = []
  readonly #watched = new Set<PartitionLog>()
  #hasGrown: boolean
  #isOver = false
  #isWaking = false
  #wake: ((wake: Wake) => void) | undefined

  readonly #onGrowth = (): void => {
    this.#hasGrown = true
    this.#notify()
  }

  /** `hasGrown`: something may have grown already, before this could see it. */
  constructor({ store, session, timers, connection, maxWaitMs }: WaitOptions, hasGrown: boolean) {
    this.#store = store
    this.#hasGrown = hasGrown
    const onOver = (): void => {
      this.#isOver = true
      this.#notify()
    }
    if (session) this.#undo.push(session.onWake(this.#onGrowth))
    this.#undo.push(timers.after(maxWaitMs, onOver))
    this.#undo.push(connection.onClosed(onOver))
  }

  /** Waits for the growth of this log, too. */
  watch(log: PartitionLog): void {
    if (this.#watched.has(log)) return
    this.#watched.add(log)
    this.#undo.push(this.#store.onGrowth(log, this.#onGrowth))
  }

  next(): Promise<Wake> {
    return new Promise((resolve) => {
      this.#wake = resolve
      if (this.#hasGrown || this.#isOver) this.#notify()
    })
  }

  /** The next wait ends at once: more can be read without growth. */
  again(): void {
    this.#hasGrown = true
  }

  stop(): void {
    for (const undo of this.#undo.splice(0)) undo()
  }

  /** Wakes in a microtask: the log is in the midst of publishing, perhaps to more than one partition. */
  #notify(): void {
    if (this.#isWaking || !this.#wake) return
    this.#isWaking = true
    queueMicrotask(() => {
      this.#isWaking = false
      const wake = this.#wake
      this.#wake = undefined
      this.#hasGrown = false
      wake?.(this.#isOver ? 'over' : 'grown')
    })
  }
}
