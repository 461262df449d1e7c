import type { KafkaRecord } from '../../../protocol/index.ts'
import { batchesIn, batchHeader, decodeRecords, RecordsError } from '../../../protocol/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import { kafkaProblem } from '../http/kafka-problems.ts'
import { Problem } from '../http/problem.ts'
import type { ScanBudget } from './scan-budget.ts'

/** A record with its batch, whose bytes are only there during the visit. */
export interface ScannedRecord {
  readonly log: PartitionLog
  readonly batch: Uint8Array
  readonly record: KafkaRecord
}

/** A batch whose records cannot be read, such as one under a codec that nobody knows. */
export interface UnreadableBatch {
  readonly log: PartitionLog
  readonly batch: Uint8Array
  readonly fault: string
}

/** Makes what is shown of a record or batch; null leaves it out. */
export interface Visitor<Shown> {
  record(scanned: ScannedRecord): Shown | null
  unreadable(batch: UnreadableBatch): Shown | null
}

/** What was found, and where. */
export interface Found<Shown> {
  readonly offset: number
  readonly timestampMs: number
  readonly shown: Shown
}

export type Direction = 'forward' | 'backward'

export interface PartitionScanOptions<Shown> {
  readonly store: LogStore
  readonly log: PartitionLog
  readonly direction: Direction
  /** Forward: the first offset to look at. Backward: the one after the last to look at. */
  readonly position: number
  readonly visitor: Visitor<Shown>
  readonly budget: ScanBudget
  /** Most matches that are held at a time. */
  readonly maxHeld: number
}

/** Read from the log at a time; a batch that is larger comes whole. */
const READ_BYTES = 256 * 1024
/** Most bytes that one batch may have when decompressed. */
const MAX_DECOMPRESSED_BYTES = 16 * 1024 * 1024
/** Backward, so many offsets are looked at before more; doubled for as long as nothing is found. */
const FIRST_WINDOW = 32
const LAST_WINDOW = 16_384

/**
 * Matches of one partition in the order of their offsets, or against it, found as they are asked
 * for. At most `maxHeld` are in memory, and one batch is decoded at a time.
 */
export class PartitionScan<Shown> {
  readonly log: PartitionLog
  readonly #options: PartitionScanOptions<Shown>
  /** In the direction of the scan: the next one is first. */
  #held: Found<Shown>[] = []
  /** Everything before it (in the direction of the scan) has been looked at. */
  #position: number
  #window = FIRST_WINDOW
  /** Where the partition ended when the page began: what comes later is for the next page. */
  readonly #endOffset: number

  constructor(options: PartitionScanOptions<Shown>) {
    const { log, position } = options
    this.log = log
    this.#options = options
    this.#endOffset = log.highWatermark
    this.#position = Math.min(position, this.#endOffset)
  }

  /** The next match, if it is known. */
  get head(): Found<Shown> | undefined {
    return this.#held[0]
  }

  /** Whether all has been looked at. */
  get isAtEnd(): boolean {
    return this.#options.direction === 'forward'
      ? this.#position >= this.#endOffset
      : this.#position <= this.log.logStartOffset
  }

  /** Where a later page has to go on. */
  get resumeAt(): number {
    if (!this.head) return this.#position
    return this.#options.direction === 'forward' ? this.head.offset : this.head.offset + 1
  }

  take(): Found<Shown> | undefined {
    return this.#held.shift()
  }

  /** Looks at some more offsets. Answers once at least one was looked at, whether it matched or not. */
  async advance(): Promise<void> {
    if (this.#options.direction === 'forward') await this.#forward()
    else await this.#backward()
  }

  async #forward(): Promise<void> {
    const { maxHeld } = this.#options
    const from = Math.max(this.#position, this.log.logStartOffset)
    const next = await this.#read(from, this.#endOffset, (found) => {
      this.#held.push(found)
      return this.#held.length < maxHeld
    })
    this.#position = Math.max(next, from)
  }

  async #backward(): Promise<void> {
    const { maxHeld } = this.#options
    const to = this.#position
    let from = Math.max(to - this.#window, this.log.logStartOffset)
    const matches: Found<Shown>[] = []
    for (let at = from, isFirst = true; at < to; isFirst = false) {
      const next = await this.#read(
        at,
        to,
        (found) => {
          matches.push(found)
          if (matches.length > maxHeld) {
            // The oldest are left for another time: the scan goes on above them.
            from = (matches.shift()?.offset ?? from) + 1
          }
          return true
        },
        // A batch that the window begins within is looked at whole, or it would be decoded again.
        isFirst
          ? (baseOffset) => (from = Math.max(baseOffset, this.log.logStartOffset))
          : undefined,
      )
      if (next <= at) break
      at = next
    }
    this.#held.push(...matches.reverse())
    this.#position = from
    this.#window = matches.length > 0 ? FIRST_WINDOW : Math.min(this.#window * 2, LAST_WINDOW)
  }

  /**
   * Visits the records from `from` on and below `to`, as many as one read of the log gives, until
   * `onFound` says that it is enough. Answers the offset after the last that was visited.
   */
  async #read(
    from: number,
    to: number,
    onFound: (found: Found<Shown>) => boolean,
    onFirstBatch?: (baseOffset: number) => void,
  ): Promise<number> {
    const { store, log, budget } = this.#options
    const read = await store.read([{ log, offset: from, maxBytes: READ_BYTES }], {
      maxBytes: READ_BYTES,
      atLeastOne: true,
      isolation: 'uncommitted',
    })
    try {
      const [partition] = read.partitions
      if (!partition || partition.kind === 'failed') throw unreadable(log)
      // Retention was faster: what was there is gone.
      if (partition.kind === 'offset-out-of-range') {
        return partition.logStartOffset > from ? partition.logStartOffset : to
      }
      let next = from
      let isFirst = true
      for (const piece of partition.pieces) {
        for (const batch of batchesIn(piece)) {
          const baseOffset = batchHeader.baseOffset(batch)
          if (baseOffset >= to) return to
          const start = isFirst && onFirstBatch ? baseOffset : from
          if (isFirst) onFirstBatch?.(baseOffset)
          isFirst = false
          budget.bytes += batch.length
          const stoppedAt = this.#visit(batch, start, to, onFound)
          if (stoppedAt !== null) return stoppedAt
          next = Math.min(batchHeader.lastOffset(batch) + 1, to)
        }
      }
      // Offsets at the end may hold nothing, after compaction.
      return next === from ? to : next
    } finally {
      read.release()
    }
  }

  /** Answers the offset to go on at when `onFound` had enough, else null. */
  #visit(
    batch: Uint8Array,
    from: number,
    to: number,
    onFound: (found: Found<Shown>) => boolean,
  ): number | null {
    const { log, visitor, budget } = this.#options
    const start = Math.max(from, log.logStartOffset)
    try {
      for (const record of decodeRecords(batch, { maxDecompressedBytes: MAX_DECOMPRESSED_BYTES })) {
        if (record.offset < start) continue
        if (record.offset >= to) break
        budget.records++
        budget.bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0)
        const shown = visitor.record({ log, batch, record })
        if (shown === null) continue
        const { offset, timestampMs } = record
        if (!onFound({ offset, timestampMs, shown })) return offset + 1
      }
    } catch (cause) {
      if (!(cause instanceof RecordsError)) throw cause
      const shown = visitor.unreadable({ log, batch, fault: cause.message })
      const offset = Math.max(batchHeader.baseOffset(batch), start)
      const timestampMs = batchHeader.maxTimestamp(batch)
      if (shown !== null && !onFound({ offset, timestampMs, shown })) return offset + 1
    }
    return null
  }
}

function unreadable(log: PartitionLog): Problem {
  const place = `partition ${log.partition} of ${log.topicName}`
  return new Problem(kafkaProblem('KAFKA_STORAGE_ERROR'), `${place} cannot be read`)
}
