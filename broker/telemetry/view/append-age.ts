import type { Clock } from '../../../kit/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'

/** A time that is known to within so much needs no look into the log. */
const EXACT_MS = 1_000
/** Looks into the log in one scrape, and how many at once: what is beyond comes with the next scrapes. */
const MAX_LOOKUPS = 256
const LANES = 4
const MAX_REMEMBERED = 20_000

interface Wanted {
  readonly key: string
  readonly log: PartitionLog
  readonly offset: number
}

/** Where the first record at or above an offset is, and when it was appended, as far as batches tell. */
interface Found {
  readonly offset: number
  readonly timestampMs: number
}

/**
 * When records were appended. The log itself knows of what is not too old; of the rest, and in
 * compacted logs, where the record at an offset may be gone, the batch is looked up once and
 * remembered. Its timestamp is the producer's, and counts only as far as the log does not know better.
 */
export class AppendAges {
  readonly #store: Pick<LogStore, 'batchAt'>
  readonly #clock: Clock
  readonly #found = new Map<string, Found>()
  #wanted: Wanted[] = []

  constructor(store: Pick<LogStore, 'batchAt'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Wall-clock time at which the first record at or above `offset`, which must be in the log, was appended. */
  appendedAtMs(log: PartitionLog, offset: number): number {
    const span = log.appendSpan(offset)
    if (!span) return this.#clock.now()
    const { earliestMs, latestMs } = span
    const isExact = latestMs - earliestMs <= EXACT_MS
    if (isExact && !log.config.cleanup.compact) return (earliestMs + latestMs) / 2
    const key = `${log.topicId} ${log.partition} ${offset}`
    const found = this.#found.get(key)
    if (!found) {
      if (this.#wanted.length < MAX_LOOKUPS) this.#wanted.push({ key, log, offset })
      return Math.min(isExact ? earliestMs : latestMs, this.#clock.now())
    }
    const own = found.offset > offset ? (log.appendSpan(found.offset) ?? span) : span
    if (own.latestMs - own.earliestMs <= EXACT_MS) return (own.earliestMs + own.latestMs) / 2
    const latest = Math.min(own.latestMs, this.#clock.now())
    return Math.min(Math.max(found.timestampMs, own.earliestMs), latest)
  }

  /** Whether something is to be looked up before the times are as good as they can be. */
  get hasWanted(): boolean {
    return this.#wanted.length > 0
  }

  /** Looks up what was asked for and not known. */
  async lookUp(): Promise<void> {
    const wanted = this.#wanted
    this.#wanted = []
    let next = 0
    const lane = async (): Promise<void> => {
      for (let one = wanted[next++]; one; one = wanted[next++]) await this.#lookUpOne(one)
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }

  async #lookUpOne({ key, log, offset }: Wanted): Promise<void> {
    // A log that cannot be read has its own alarms; here its times are as good as memory has them.
    const batch = await this.#store.batchAt(log, offset).catch(() => null)
    if (this.#found.size >= MAX_REMEMBERED) {
      const oldest = this.#found.keys().next()
      if (!oldest.done) this.#found.delete(oldest.value)
    }
    const found = batch && {
      offset: Math.max(offset, batch.baseOffset),
      timestampMs: batch.maxTimestampMs,
    }
    this.#found.set(key, found ?? { offset, timestampMs: Infinity })
  }
}
