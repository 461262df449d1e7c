import type { Commit, LagRules, LogEnd, PartitionWindow } from './lag-status.ts'

/** One look at one partition of one group. */
export interface LagObservation {
  readonly atMs: number
  readonly committedOffset: number
  readonly committedAtMs: number
  /** Null when the partition is gone. */
  readonly logStartOffset: number | null
  readonly logEndOffset: number | null
}

/** Looks that are kept: ten minutes at one each 15 s, as far back as rates are taken. There may be thousands of partitions. */
const MAX_LOOKS = 41
/** Commits closer than that count as one, as a consumer that commits each record would fill the window in no time. */
const MIN_COMMIT_DISTANCE_MS = 1_000
/** How far back rates are taken. */
const RATE_PERIOD_MS = 10 * 60_000
/** Ends of the log that a stop is judged by. */
const LOG_ENDS_KEPT = 10

interface Look {
  readonly atMs: number
  readonly logEndOffset: number
  readonly committedOffset: number
}

/** A stretch of a log in which there is nothing that a consumer sees. */
interface UnseenStretch {
  readonly fromOffset: number
  readonly toOffset: number
}

/** What was seen of one partition of one group lately. Bounded. */
export class PartitionHistory {
  readonly #rules: LagRules
  readonly #commits: Commit[] = []
  readonly #looks: Look[] = []
  #latest: LagObservation | null = null
  #unseen: UnseenStretch | null = null

  constructor(rules: LagRules) {
    this.#rules = rules
  }

  get latest(): LagObservation | null {
    return this.#latest
  }

  observe(observation: LagObservation): void {
    const { atMs, committedOffset, committedAtMs, logEndOffset } = observation
    this.#latest = observation
    if (logEndOffset !== null) {
      this.#looks.push({ atMs, logEndOffset, committedOffset })
      if (this.#looks.length > MAX_LOOKS) this.#looks.shift()
    }
    const last = this.#commits.at(-1)
    if (last !== undefined && committedAtMs <= last.atMs) return
    const lag = this.#lagOf(observation)
    if (last !== undefined && committedAtMs - last.atMs < MIN_COMMIT_DISTANCE_MS)
      this.#commits.pop()
    this.#commits.push({ offset: committedOffset, atMs: committedAtMs, lag })
    if (this.#commits.length > this.#rules.commitsKept) this.#commits.shift()
  }

  window(): PartitionWindow {
    const logEnds: LogEnd[] = this.#looks
      .slice(-LOG_ENDS_KEPT)
      .map(({ atMs, logEndOffset }) => ({ atMs, offset: this.#endFor(logEndOffset) }))
    return {
      commits: this.#commits,
      logEnds,
      currentLag: this.#latest === null ? null : this.#lagOf(this.#latest),
    }
  }

  /** What stands as it stood at the look before: so many offsets wait that nobody takes. 0 when anything moved. */
  get standingLag(): number {
    const [before, now] = this.#looks.slice(-2)
    if (before === undefined || now === undefined || this.#latest === null) return 0
    const { logEndOffset, committedOffset } = now
    const moved = before.logEndOffset !== logEndOffset || before.committedOffset !== committedOffset
    return moved ? 0 : (this.#lagOf(this.#latest) ?? 0)
  }

  /** From the commit to the end of the log, as they were seen last, there is nothing that a consumer sees. */
  noteNothingSeen(): void {
    if (this.#latest === null || this.#latest.logEndOffset === null) return
    const { committedOffset: fromOffset, logEndOffset: toOffset } = this.#latest
    this.#unseen = { fromOffset, toOffset }
    const last = this.#commits.at(-1)
    if (last?.offset === fromOffset) this.#commits[this.#commits.length - 1] = { ...last, lag: 0 }
  }

  /** Records a second, appended and consumed, over the last minutes; null with fewer than two looks in them. */
  rates(): { readonly appended: number; readonly consumed: number } | null {
    const last = this.#looks.at(-1)
    if (last === undefined) return null
    const first = this.#looks.find(({ atMs }) => atMs >= last.atMs - RATE_PERIOD_MS)
    if (first === undefined || last.atMs <= first.atMs) return null
    const seconds = (last.atMs - first.atMs) / 1000
    return {
      appended: (last.logEndOffset - first.logEndOffset) / seconds,
      consumed: (last.committedOffset - first.committedOffset) / seconds,
    }
  }

  /**
   * For how long the first record that is not consumed has been there, by when the log was seen to
   * end before and after it; at least the time since the oldest look when it is older than that.
   */
  waitingSeconds(): number | null {
    if (this.#latest === null) return null
    const { atMs: nowMs, committedOffset } = this.#latest
    if (this.#lagOf(this.#latest) === 0) return 0
    const nextOffset = this.#nextFrom(committedOffset)
    const after = this.#looks.findIndex(({ logEndOffset }) => logEndOffset > nextOffset)
    const later = this.#looks[after]
    if (later === undefined) return null
    const earlier = this.#looks[after - 1]
    if (earlier === undefined) return (nowMs - later.atMs) / 1000
    const share = (nextOffset - earlier.logEndOffset) / (later.logEndOffset - earlier.logEndOffset)
    return (nowMs - (earlier.atMs + share * (later.atMs - earlier.atMs))) / 1000
  }

  /** Records that retention has taken are no work that waits, and neither is what no consumer sees. */
  #lagOf({ committedOffset, logStartOffset, logEndOffset }: LagObservation): number | null {
    if (logEndOffset === null) return null
    return Math.max(0, this.#endFor(logEndOffset) - Math.max(committedOffset, logStartOffset ?? 0))
  }

  /** Where the first record is that a consumer is given from an offset on. */
  #nextFrom(offset: number): number {
    return this.#unseen?.fromOffset === offset ? this.#unseen.toOffset : offset
  }

  /** An end within the stretch that no consumer sees is where that begins. */
  #endFor(logEndOffset: number): number {
    const unseen = this.#unseen
    const isWithin =
      unseen !== null && logEndOffset > unseen.fromOffset && logEndOffset <= unseen.toOffset
    return isWithin ? unseen.fromOffset : logEndOffset
  }
}
