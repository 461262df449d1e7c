import type { Cancel, Logger, Timers } from '../../kit/index.ts'
import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'

/** A place outside the data directory where checkpoints are put, so that nobody can take them back. */
export interface CheckpointTarget {
  /** For logs and metrics. */
  readonly name: string
  /** Rejects when the checkpoint is not there afterwards. */
  publish(checkpoint: SignedCheckpoint): Promise<void>
  close?(): Promise<void>
}

const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 60_000

export interface PublisherState {
  readonly name: string
  /** Size of the last checkpoint that the target has; 0 before the first. */
  readonly publishedSize: number
  readonly failures: number
}

/**
 * Brings checkpoints to one target, one at a time. While the target cannot be reached only the
 * newest waits: it covers all that the older ones cover.
 */
export class CheckpointPublisher {
  readonly #target: CheckpointTarget
  readonly #timers: Timers
  readonly #logger: Logger
  #waiting: SignedCheckpoint | null = null
  #running: Promise<void> | null = null
  #cancelRetry: Cancel | null = null
  #retryMs = FIRST_RETRY_MS
  #publishedSize = 0
  #failures = 0
  #isStopped = false

  constructor(target: CheckpointTarget, timers: Timers, logger: Logger) {
    this.#target = target
    this.#timers = timers
    this.#logger = logger
  }

  get state(): PublisherState {
    const { name } = this.#target
    return { name, publishedSize: this.#publishedSize, failures: this.#failures }
  }

  offer(checkpoint: SignedCheckpoint): void {
    this.#waiting = checkpoint
    if (!this.#cancelRetry) this.#start()
  }

  /** Waits for what is under way and tries once more what waits; gives up then. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelRetry?.()
    this.#cancelRetry = null
    const failures = this.#failures
    await this.#running
    if (this.#failures === failures) this.#start()
    await this.#running
    await this.#target.close?.()
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
      // What was offered while it ended found it running.
      if (this.#waiting && !this.#cancelRetry && !this.#isStopped) this.#start()
    })
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting; next; next = this.#waiting) {
      try {
        await this.#target.publish(next)
        if (this.#waiting === next) this.#waiting = null
        this.#publishedSize = next.size
        this.#retryMs = FIRST_RETRY_MS
      } catch (error) {
        this.#failures++
        const { name } = this.#target
        this.#logger.warn(
          { err: error, target: name, size: next.size },
          'a checkpoint is not published',
        )
        this.#retryLater()
        return
      }
    }
  }

  #retryLater(): void {
    if (this.#isStopped) return
    this.#cancelRetry = this.#timers.after(this.#retryMs, () => {
      this.#cancelRetry = null
      this.#start()
    })
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS)
  }
}
