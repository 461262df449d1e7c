import type { Cancel, Clock, Timers } from '../../kit/index.ts'
import type { ToldReport } from './event-record.ts'
import { encodeEvents } from './event-record.ts'
import type { EventReport } from './event-report.ts'

/** Reports that wait to be written, beyond which new ones are dropped and counted. */
export const MAX_WAITING_EVENTS = 1024
/** Events that happen together are written together. */
const GATHER_MS = 20
const MAX_BATCH_EVENTS = 256
/** After an append that failed. */
const RETRY_MS = 1000
/** How long a stop waits for the last ones. */
const STOP_MS = 1000

/** Appends a batch to `__events`; answers whether it is there. Must not reject. */
export type AppendEvents = (batch: Uint8Array) => Promise<boolean>

export interface EventLogOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** Told how many were dropped, once writing works again. */
  readonly onDropped: (dropped: number) => void
}

/**
 * Writes reports to `__events`, behind everybody's back: whoever reports an event waits for nothing,
 * a bounded number of reports waits for the disk, and those beyond are dropped. What happens before
 * the log is open, such as what recovery finds, is written once it is.
 */
export class EventLog {
  /** These only grow. */
  readonly counts = { written: 0, dropped: 0, failedAppends: 0 }
  readonly #options: EventLogOptions
  #waiting: ToldReport[] = []
  #append: AppendEvents | undefined
  #cancel: Cancel | undefined
  #appending: Promise<void> | undefined
  #isStopped = false
  /** The last append failed. */
  #isFailing = false
  /** Dropped, and nobody was told yet. */
  #untold = 0

  constructor(options: EventLogOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** A sink of the reporter. */
  readonly sink = (report: EventReport): void => {
    if (this.#isStopped || this.#waiting.length >= MAX_WAITING_EVENTS) {
      this.counts.dropped++
      this.#untold++
      return
    }
    this.#waiting.push({ report, atMs: this.#options.clock.now() })
    this.#writeAfter(GATHER_MS)
  }

  /** From now on there is a log to write to. */
  open(append: AppendEvents): void {
    this.#append = append
    if (this.#waiting.length > 0) this.#writeAfter(GATHER_MS)
  }

  /** Writes what waits, for a second at most, and takes nothing more. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#cancel?.()
    const { timers } = this.#options
    await new Promise<void>((resolve) => {
      const cancel = timers.after(STOP_MS, resolve)
      void this.#writeRest().then(() => {
        cancel()
        resolve()
      })
    })
    this.#append = undefined
    this.counts.dropped += this.#waiting.length
    this.#waiting = []
  }

  async #writeRest(): Promise<void> {
    await this.#appending
    let before = Infinity
    while (this.#append && this.#waiting.length > 0 && this.#waiting.length < before) {
      before = this.#waiting.length
      await this.#write()
    }
  }

  #writeAfter(delayMs: number): void {
    if (!this.#append || this.#appending || this.#isStopped) return
    this.#cancel ??= this.#options.timers.after(delayMs, () => {
      this.#cancel = undefined
      this.#appending = this.#write().finally(() => {
        this.#appending = undefined
        if (this.#waiting.length > 0) this.#writeAfter(this.#isFailing ? RETRY_MS : 0)
      })
    })
  }

  async #write(): Promise<void> {
    const batch = this.#waiting.slice(0, MAX_BATCH_EVENTS)
    const isWritten = (await this.#append?.(encodeEvents(batch))) ?? false
    this.#isFailing = !isWritten
    if (!isWritten) {
      this.counts.failedAppends++
      return
    }
    this.#waiting = this.#waiting.slice(batch.length)
    this.counts.written += batch.length
    const dropped = this.#untold
    this.#untold = 0
    if (dropped > 0) this.#options.onDropped(dropped)
  }
}
