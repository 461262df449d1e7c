import type { Cancel, Clock, Logger, Random, Timers } from '../../../kit/index.ts'
import type { OtlpPost } from './otlp-post.ts'

export interface OtlpForwarderOptions {
  readonly post: OtlpPost
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/** Pushes that were passed on, and those that were not. Plain numbers that only grow. */
export interface OtlpForwardCounts {
  readonly sent: number
  readonly dropped: number
}

/** What waits at most; beyond, the oldest pushes are dropped. */
const MAX_QUEUE_BYTES = 8 * 1024 * 1024
/** What goes in one request, unless a single push has more. */
const MAX_REQUEST_BYTES = 1024 * 1024
/** Pushes are gathered for so long, so that many clients make one request. */
const GATHER_MS = 1000
const FIRST_RETRY_MS = 1000
const MAX_RETRY_MS = 30_000
/** What a collector cannot take for so long is dropped. */
const GIVE_UP_MS = 300_000
const WARN_EVERY_MS = 60_000

/** By OTLP these may be tried again; whatever else is no success will not become one. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])

interface Waiting {
  readonly metricsData: Buffer
  readonly sinceMs: number
}

/**
 * Passes pushes on to a collector: one request at a time, tried again when the collector is away or
 * busy, out of a queue that is bounded in bytes and in time. Nobody waits for it.
 */
export class OtlpForwarder {
  readonly #options: OtlpForwarderOptions
  #queue: Waiting[] = []
  #queueBytes = 0
  #sent = 0
  #dropped = 0
  #isSending = false
  #isStopped = false
  #failures = 0
  #warnedAtMs = -Infinity
  #cancel: Cancel | null = null

  constructor(options: OtlpForwarderOptions) {
    this.#options = options
  }

  get counts(): OtlpForwardCounts {
    return { sent: this.#sent, dropped: this.#dropped }
  }

  get queueBytes(): number {
    return this.#queueBytes
  }

  /** Takes one push, as MetricsData in memory of its own. */
  offer(metricsData: Buffer): void {
    if (this.#isStopped) return
    // It would drop all that others pushed, and itself.
    if (metricsData.length > MAX_QUEUE_BYTES) {
      this.#dropped++
      return
    }
    this.#queue.push({ metricsData, sinceMs: this.#options.clock.monotonicMs() })
    this.#queueBytes += metricsData.length
    while (this.#queueBytes > MAX_QUEUE_BYTES) this.#drop(1)
    this.#sendAfter(GATHER_MS)
  }

  /** Sends no more; what waits is dropped. */
  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
    this.#cancel = null
    this.#drop(this.#queue.length)
  }

  #sendAfter(delayMs: number): void {
    if (this.#isSending || this.#isStopped || this.#cancel || this.#queue.length === 0) return
    this.#cancel = this.#options.timers.after(delayMs, () => {
      this.#cancel = null
      void this.#send()
    })
  }

  async #send(): Promise<void> {
    this.#isSending = true
    const pushes = this.#takeRequest()
    const body = Buffer.concat(pushes.map(({ metricsData }) => metricsData))
    const waitMs = await this.#try(body).catch((error: unknown) => {
      this.#warn(`no answer: ${error instanceof Error ? error.message : String(error)}`)
      return this.#backoffMs()
    })
    this.#isSending = false
    if (waitMs === 'sent') {
      this.#failures = 0
      this.#sent += pushes.length
    } else if (waitMs === 'refused') {
      this.#failures = 0
      this.#dropped += pushes.length
    } else {
      this.#failures++
      this.#putBack(pushes)
    }
    this.#sendAfter(typeof waitMs === 'number' ? waitMs : 0)
  }

  async #try(body: Buffer): Promise<number | 'sent' | 'refused'> {
    const { status, retryAfterMs } = await this.#options.post(body)
    if (status >= 200 && status < 300) return 'sent'
    this.#warn(`status ${status}`)
    if (!RETRYABLE.has(status)) return 'refused'
    return retryAfterMs === null ? this.#backoffMs() : Math.min(retryAfterMs, GIVE_UP_MS)
  }

  /** Twice as long after each failure, and not at the same moment as others. */
  #backoffMs(): number {
    const longestMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures)
    return longestMs / 2 + this.#options.random.below(longestMs / 2)
  }

  #takeRequest(): readonly Waiting[] {
    let sizeBytes = 0
    let count = 0
    for (const { metricsData } of this.#queue) {
      if (count > 0 && sizeBytes + metricsData.length > MAX_REQUEST_BYTES) break
      sizeBytes += metricsData.length
      count++
    }
    const taken = this.#queue.slice(0, count)
    this.#queue = this.#queue.slice(count)
    this.#queueBytes -= sizeBytes
    return taken
  }

  /** To be tried again, in front of what came meanwhile, unless it is too late or too much by now. */
  #putBack(pushes: readonly Waiting[]): void {
    if (this.#isStopped) {
      this.#dropped += pushes.length
      return
    }
    const nowMs = this.#options.clock.monotonicMs()
    const kept = pushes.filter(({ sinceMs }) => nowMs - sinceMs < GIVE_UP_MS)
    this.#dropped += pushes.length - kept.length
    this.#queue = [...kept, ...this.#queue]
    this.#queueBytes += kept.reduce((sum, { metricsData }) => sum + metricsData.length, 0)
    while (this.#queueBytes > MAX_QUEUE_BYTES) this.#drop(1)
  }

  #drop(count: number): void {
    for (const { metricsData } of this.#queue.splice(0, count)) {
      this.#queueBytes -= metricsData.length
      this.#dropped++
    }
  }

  #warn(reason: string): void {
    const { clock, logger } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#warnedAtMs < WARN_EVERY_MS) return
    this.#warnedAtMs = nowMs
    logger.warn({ reason }, 'client metrics cannot be passed on to the collector')
  }
}
