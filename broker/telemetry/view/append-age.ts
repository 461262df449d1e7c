import type { Clock } from '../../../kit/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import type { Slices } from '../slices.ts'

/** A time that is known to within so much needs no look into the log. */
const EXACT_MS = 1_000
/** Looks into the log in one scrape, and how many at once: what is beyond comes with the next scrapes. */
const MAX_LOOKUPS = 256
const LANES = 4

/** What was found in a log for whoever waits at `askedOffset`: kept by whoever asks, as long as he does. */
export interface AppendFinding {
  readonly log: PartitionLog
  readonly askedOffset: number
  /** Where the first record at or above `askedOffset` is, and when it was appended, as far as batches tell. */
  readonly offset: number
  readonly timestampMs: number
}

/** Who asks when a record was appended, again and again. */
export interface AppendAsker {
  finding: AppendFinding | null
}

/** What could not be told when it was asked. */
export interface Wanted<Asker extends AppendAsker> {
  readonly asker: Asker
  readonly log: PartitionLog
  readonly offset: number
}

/**
 * When records were appended. The log itself knows of what is not too old; of the rest, and in
 * compacted logs, where the record at an offset may be gone, the batch is looked up once and
 * remembered. Its timestamp is the producer's, and counts only as far as the log does not know better.
 */
export class AppendAges<Asker extends AppendAsker> {
  readonly #store: Pick<LogStore, 'batchAt'>
  readonly #clock: Clock
  #wanted: Wanted<Asker>[] = []

  constructor(store: Pick<LogStore, 'batchAt'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Wall-clock time at which the first record at or above `offset`, which must be in the log, was appended. */
  appendedAtMs(asker: Asker, log: PartitionLog, offset: number): number {
    const span = log.appendSpan(offset)
    if (!span) return this.#clock.now()
    const { earliestMs, latestMs } = span
    const isExact = latestMs - earliestMs <= EXACT_MS
    if (isExact && !log.config.cleanup.compact) return (earliestMs + latestMs) / 2
    const { finding } = asker
    if (finding?.log !== log || finding.askedOffset !== offset) {
      if (this.#wanted.length < MAX_LOOKUPS) this.#wanted.push({ asker, log, offset })
      return Math.min(isExact ? earliestMs : latestMs, this.#clock.now())
    }
    const own = finding.offset > offset ? (log.appendSpan(finding.offset) ?? span) : span
    if (own.latestMs - own.earliestMs <= EXACT_MS) return (own.earliestMs + own.latestMs) / 2
    const latest = Math.min(own.latestMs, this.#clock.now())
    return Math.min(Math.max(finding.timestampMs, own.earliestMs), latest)
  }

  /** Looks up what was asked for and not known; gives it, since it is to be asked for again. */
  async lookUp(slices: Slices): Promise<readonly Wanted<Asker>[]> {
    const wanted = this.#wanted
    this.#wanted = []
    let next = 0
    const lane = async (): Promise<void> => {
      for (let one = wanted[next++]; one; one = wanted[next++]) {
        await this.#lookUpOne(one)
        // What is in memory is found without anybody else having had a turn.
        if (slices.isOver) await slices.pause()
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return wanted
  }

  async #lookUpOne({ asker, log, offset }: Wanted<Asker>): Promise<void> {
    // A log that cannot be read has its own alarms; here its times are as good as memory has them.
    const batch = await this.#store.batchAt(log, offset).catch(() => null)
    asker.finding = {
      log,
      askedOffset: offset,
      offset: Math.max(offset, batch?.baseOffset ?? offset),
      timestampMs: batch?.maxTimestampMs ?? Infinity,
    }
  }
}
