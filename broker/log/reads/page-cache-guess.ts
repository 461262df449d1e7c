import type { Clock } from '../../../kit/index.ts'
import type { Segment } from '../segments/segment.ts'

/** How long a sum of all logs' sizes is good for. */
const SUM_AGE_MS = 5_000

/** What is looked at of a log. */
export interface SizedLog {
  /** In all of its segments. */
  readonly segments: readonly Segment[]
}

export interface PageCacheGuessOptions {
  readonly logs: () => Iterable<SizedLog>
  /** Bytes of segments that the page cache can be trusted to hold. */
  readonly cacheBytes: number
  readonly clock: Clock
}

/**
 * Guesses what of the logs is in the operating system's page cache, which nothing in Node tells:
 * what was written last, as much as memory holds. Logs are taken to grow at the same pace relative
 * to their sizes, so of each the same part is cached. A wrong guess costs time, never bytes.
 */
export class PageCacheGuess {
  readonly #options: PageCacheGuessOptions
  #totalBytes = 0
  #summedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: PageCacheGuessOptions) {
    this.#options = options
  }

  /** The position in a segment of the log from which on its bytes are probably cached. */
  cachedFrom(log: SizedLog, segmentIndex: number): number {
    const share = this.#options.cacheBytes / Math.max(1, this.#total())
    if (share >= 1) return 0
    let laterBytes = 0
    for (let i = segmentIndex; i < log.segments.length; i++) {
      laterBytes += log.segments[i]?.sizeBytes ?? 0
    }
    return Math.max(0, laterBytes - share * sizeOf(log))
  }

  #total(): number {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#summedAtMs >= SUM_AGE_MS) {
      this.#summedAtMs = nowMs
      this.#totalBytes = 0
      for (const log of this.#options.logs()) this.#totalBytes += sizeOf(log)
    }
    return this.#totalBytes
  }
}

function sizeOf(log: SizedLog): number {
  let sizeBytes = 0
  for (const segment of log.segments) sizeBytes += segment.sizeBytes
  return sizeBytes
}
