import type { Cancel, Disk, Logger, Timers } from '../../kit/index.ts'
import { readWholeFile, replaceFile } from '../../kit/index.ts'
import type { FollowedHistory } from '../history.ts'
import type { HistoryRecord } from '../record.ts'

/** Another system that gets every new record. */
export interface PushTarget {
  /** For logs; without credentials. */
  readonly name: string
  /** Hands over records in their order. Rejects unless the other system took all of them. */
  send(records: readonly HistoryRecord[]): Promise<void>
  close(): Promise<void>
}

export interface EventPusherOptions {
  readonly history: FollowedHistory
  readonly target: PushTarget
  /** File that keeps how far the target is. */
  readonly cursorFile: string
  readonly disk: Disk
  readonly timers: Timers
  readonly logger: Logger
}

/** Records of one hand-over. */
const MAX_BATCH_RECORDS = 100
const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 60_000

/**
 * Hands every record that comes to another system, at least once and in order: what was taken is
 * written down after it was taken. Holds one batch in memory, however far behind the target is; a
 * target that is away gets all that it missed. The first start begins with the records to come.
 */
export class EventPusher {
  readonly #options: EventPusherOptions
  readonly #unsubscribe: () => void
  #nextSeq: number
  #running: Promise<void> | null = null
  #cancelRetry: Cancel | null = null
  #retryMs = FIRST_RETRY_MS
  #failures = 0
  #isStopped = false

  private constructor(options: EventPusherOptions, nextSeq: number) {
    this.#options = options
    this.#nextSeq = nextSeq
    this.#unsubscribe = options.history.subscribe(() => this.#wake())
    this.#wake()
  }

  static async start(options: EventPusherOptions): Promise<EventPusher> {
    const { disk, cursorFile, history } = options
    const text = (await readWholeFile(disk, cursorFile))?.toString() ?? ''
    const kept = /^\d{1,15}\n$/.test(text) ? Number(text) : null
    const pusher = new EventPusher(options, Math.min(kept ?? history.nextSeq, history.nextSeq))
    if (kept === null) await pusher.#keep()
    return pusher
  }

  /** Records that the target does not have yet, and attempts that failed. */
  get state(): { readonly name: string; readonly behind: number; readonly failures: number } {
    const { history, target } = this.#options
    const behind = history.nextSeq - this.#nextSeq
    return { name: target.name, behind, failures: this.#failures }
  }

  /** Waits for the batch that is under way; the rest is for the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#unsubscribe()
    this.#cancelRetry?.()
    this.#cancelRetry = null
    await this.#options.target.close()
    await this.#running
  }

  #wake(): void {
    if (this.#isStopped || this.#cancelRetry) return
    this.#running ??= this.#run().finally(() => {
      this.#running = null
      // What came while it ended found it running.
      if (this.#nextSeq < this.#options.history.nextSeq) this.#wake()
    })
  }

  async #run(): Promise<void> {
    const { history, target, logger } = this.#options
    while (!this.#isStopped && this.#nextSeq < history.nextSeq) {
      try {
        const entries = await history.read(this.#nextSeq, MAX_BATCH_RECORDS)
        await target.send(entries.map(({ record }) => record))
        this.#nextSeq += entries.length
        await this.#keep()
        this.#retryMs = FIRST_RETRY_MS
      } catch (error) {
        if (this.#isStopped) return
        this.#failures++
        logger.warn({ err: error, target: target.name }, 'records are not pushed')
        this.#retryLater()
        return
      }
    }
  }

  #keep(): Promise<void> {
    const { disk, cursorFile } = this.#options
    return replaceFile(disk, cursorFile, Buffer.from(`${this.#nextSeq}\n`))
  }

  #retryLater(): void {
    this.#cancelRetry = this.#options.timers.after(this.#retryMs, () => {
      this.#cancelRetry = null
      this.#wake()
    })
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS)
  }
}
