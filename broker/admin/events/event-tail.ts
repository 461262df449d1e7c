import { Readable } from 'node:stream'
import type { Cancel, Clock, Timers } from '../../../kit/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import { PartitionScan } from '../records/partition-scan.ts'
import { ScanBudget } from '../records/scan-budget.ts'
import type { EventFilter } from './event-filter.ts'
import { eventVisitor } from './event-page.ts'
import type { EventView } from './event-view.ts'

/** How often something is sent while nothing happens, and the reader's permission is looked at. */
export const HEARTBEAT_MS = 15_000
/** A reader that takes nothing of what waits for it for so long is cut off. */
export const STALLED_MS = 60_000
/** Text that waits for a reader; beyond it the log is not read on. */
const MAX_WAITING_BYTES = 64 * 1024
/** Events that are made into text at a time. */
const MAX_HELD_EVENTS = 64

export interface EventTailOptions {
  readonly store: LogStore
  readonly log: PartitionLog
  readonly clock: Clock
  readonly timers: Timers
  readonly filter: EventFilter
  /** The first offset to send, when it matches. */
  readonly position: number
  /** Whether the reader may still read. */
  readonly mayGoOn: () => boolean
  readonly onEnd: () => void
}

/**
 * Events as they come, as server-sent events. A reader that is slow is waited for: what it has not
 * taken stays in the log, not in memory. The id of a message is the offset, so a reader that comes
 * back says where to go on.
 */
export class EventTail {
  readonly stream: Readable
  readonly #options: EventTailOptions
  readonly #cancels: Cancel[] = []
  #position: number
  /** The reader has room. */
  #isWanted = false
  #isReading = false
  /** Nothing more may be sent. */
  #isOver = false
  #takenAtMs: number

  constructor(options: EventTailOptions) {
    const { log, store, clock, timers, onEnd } = options
    this.#options = options
    this.#position = options.position
    this.#takenAtMs = clock.monotonicMs()
    this.stream = new Readable({
      highWaterMark: MAX_WAITING_BYTES,
      read: () => {
        this.#isWanted = true
        this.#takenAtMs = clock.monotonicMs()
        void this.#readOn()
      },
      destroy: (error, done) => {
        this.#isOver = true
        for (const cancel of this.#cancels.splice(0)) cancel()
        onEnd()
        done(error)
      },
    })
    this.#cancels.push(
      store.onGrowth(log, () => void this.#readOn()),
      timers.every(HEARTBEAT_MS, () => this.#beat()),
    )
    // Sends the head of the answer, and tells a browser when to come back, and where to go on.
    this.#push(`retry: 3000\n: events follow\n${this.#place}\n`)
  }

  /** All up to the position was looked at: who comes back need not begin before it. */
  get #place(): string {
    return this.#position > 0 ? `id: ${this.#position - 1}\n` : ''
  }

  /** Says good-bye: whoever listens comes back by itself. */
  end(why: string): void {
    if (this.#isOver) return
    this.#push(`: ${why}\n\n`)
    this.#isOver = true
    this.stream.push(null)
  }

  #beat(): void {
    const { clock, mayGoOn } = this.#options
    const isStalled = clock.monotonicMs() - this.#takenAtMs > STALLED_MS
    if (this.#isOver) {
      // Who does not take its last words either must not keep its place.
      if (isStalled) this.stream.destroy()
      return
    }
    if (!mayGoOn()) {
      this.end('you may not read this any more')
      return
    }
    if (this.#isWanted) this.#push(`: nothing new\n${this.#place}\n`)
    else if (isStalled) this.stream.destroy()
  }

  async #readOn(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      const { log } = this.#options
      while (this.#isWanted && !this.#isOver && this.#position < log.highWatermark) {
        this.#skipWhatIsGone()
        await this.#sendSome()
        await letOthersRun()
      }
    } catch (error) {
      this.stream.destroy(error as Error)
    } finally {
      this.#isReading = false
    }
  }

  /** Retention was faster than the reader. */
  #skipWhatIsGone(): void {
    const { logStartOffset } = this.#options.log
    if (this.#position >= logStartOffset) return
    const gap = JSON.stringify({ from: this.#position, to: logStartOffset })
    this.#position = logStartOffset
    this.#push(`event: gap\ndata: ${gap}\n\n`)
  }

  async #sendSome(): Promise<void> {
    const { store, log, clock, filter } = this.#options
    const scan = new PartitionScan({
      ...{ store, log, direction: 'forward', position: this.#position },
      ...{ visitor: eventVisitor(filter), budget: new ScanBudget(clock) },
      maxHeld: MAX_HELD_EVENTS,
    })
    await scan.advance()
    while (this.#isWanted && !this.#isOver && scan.head) {
      const found = scan.take()
      if (found) this.#push(message(found.shown))
    }
    this.#position = scan.resumeAt
  }

  #push(text: string): void {
    if (this.#isOver) return
    this.#isWanted = this.stream.push(text)
  }
}

const message = (event: EventView): string => `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`

function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
