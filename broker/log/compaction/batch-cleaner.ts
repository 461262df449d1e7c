import { emptyBatch, RecordCursor, RecordsError, retainRecords } from '../../../protocol/index.ts'
import {
  baseOffset,
  deleteHorizonMs,
  hasProducerId,
  isControl,
  lastOffset,
  producerEpoch,
  readMarker,
  recordCount,
} from '../batch.ts'
import { producerKeyOf } from '../partition/producer-key.ts'
import type { ProducerTable } from '../partition/producer-table.ts'
import { lastOffsetOf } from '../partition/producer-table.ts'
import type { AbortedRange } from '../partition/transaction-index.ts'
import { hashKey, KEY_HASH_WORDS } from './key-hash.ts'
import type { OffsetMap } from './offset-map.ts'
import type { Slices } from './slices.ts'
import type { TransactionTraces } from './transaction-traces.ts'

/** Records after which it is looked at the clock. */
const RECORDS_PER_LOOK = 32
/** The latest time that a batch can store. */
const LATEST_HORIZON_MS = 2 ** 52

export interface BatchCleanerOptions {
  readonly map: OffsetMap
  /** The map knows the keys of all records below this. */
  readonly mappedOffset: number
  /** The last batch that ends here stays, if empty: it holds the place of what was removed. */
  readonly upperOffset: number
  readonly producers: ProducerTable
  readonly traces: TransactionTraces
  readonly nowMs: number
  readonly deleteRetentionMs: number
  readonly slices: Slices
}

/**
 * Decides what stays of each batch, given in the order of the log: the latest record of each key;
 * tombstones and transaction markers until their delete horizon, which they get when they are first
 * seen to be needed by nobody but slow readers (KIP-534); nothing of aborted transactions; and an
 * empty batch where the last trace of an active producer would be lost.
 */
export class BatchCleaner {
  readonly #options: BatchCleanerOptions
  readonly #hash = new Uint32Array(KEY_HASH_WORDS)
  /** Batches that were kept because nobody can decode them. */
  undecodableCount = 0

  constructor(options: BatchCleanerOptions) {
    this.#options = options
  }

  /** The batch itself, what takes its place, or null. */
  async clean(batch: Buffer): Promise<Uint8Array | null> {
    try {
      const kept = await this.#keep(batch)
      if (kept !== null) return kept
    } catch (error) {
      if (!(error instanceof RecordsError)) throw error
      // Its checksum is right, so this is what the producer sent. It is not ours to throw away.
      this.undecodableCount++
      return batch
    }
    return this.#holdsPlace(batch) ? emptyBatch(batch) : null
  }

  /** Aborted transactions of which nothing is left, since the last time this was asked. */
  takeForgotten(): readonly AbortedRange[] {
    return this.#options.traces.takeForgotten()
  }

  #keep(batch: Buffer): Promise<Uint8Array | null> | Uint8Array | null {
    const { traces } = this.#options
    if (isControl(batch, 0)) return this.#keepMarker(batch)
    if (traces.isAborted(batch, baseOffset(batch, 0))) return null
    return recordCount(batch, 0) === 0 ? null : this.#keepRecords(batch)
  }

  #keepMarker(batch: Buffer): Uint8Array | null {
    const { traces, nowMs } = this.#options
    // Control records of other kinds are nobody's to remove.
    if (recordCount(batch, 0) > 0 && readMarker(batch, 0) === null) return batch
    if (!traces.isMarkerAlone(batch, baseOffset(batch, 0))) return batch
    const horizonMs = deleteHorizonMs(batch)
    if (recordCount(batch, 0) > 0 && (horizonMs === null || nowMs < horizonMs)) {
      return retainRecords(batch, () => true, { deleteHorizonMs: this.#newHorizonMs })
    }
    traces.markerGone(batch, baseOffset(batch, 0))
    return null
  }

  async #keepRecords(batch: Buffer): Promise<Uint8Array | null> {
    const verdict = await this.#judge(batch)
    if (verdict.keptCount === 0) return null
    // Only when all of it was compacted do older records of its keys no longer need its tombstones.
    const isCompacted = lastOffset(batch, 0) < this.#options.mappedOffset
    const needsHorizon = verdict.keepsTombstone && isCompacted && deleteHorizonMs(batch) === null
    if (verdict.keptCount === recordCount(batch, 0) && !needsHorizon) return batch
    let index = 0
    return retainRecords(
      batch,
      () => verdict.keeps[index++] === 1,
      needsHorizon ? { deleteHorizonMs: this.#newHorizonMs } : {},
    )
  }

  /** Looks at every record before anything is decided, with pauses that `retainRecords` cannot make. */
  async #judge(batch: Buffer): Promise<{
    readonly keeps: Uint8Array
    readonly keptCount: number
    readonly keepsTombstone: boolean
  }> {
    const { slices, nowMs } = this.#options
    const horizonMs = deleteHorizonMs(batch)
    const dropsTombstones = horizonMs !== null && nowMs >= horizonMs
    const cursor = new RecordCursor(batch)
    const keeps = new Uint8Array(recordCount(batch, 0))
    let index = 0
    let keptCount = 0
    let keepsTombstone = false
    while (cursor.next()) {
      if (this.#isKept(cursor, dropsTombstones)) {
        keeps[index] = 1
        keptCount++
        if (cursor.valueBytes < 0) keepsTombstone = true
      }
      index++
      if (index % RECORDS_PER_LOOK === 0 && slices.isOver) await slices.rest()
    }
    return { keeps, keptCount, keepsTombstone }
  }

  #isKept(record: RecordCursor, dropsTombstones: boolean): boolean {
    const { map, mappedOffset } = this.#options
    if (record.offset >= mappedOffset) return true
    const key = record.key()
    // Written before the topic was compacted: nothing says what it is the latest of.
    if (key === null) return false
    if (record.valueBytes < 0 && dropsTombstones) return false
    hashKey(key, this.#hash)
    return record.offset >= map.get(this.#hash)
  }

  /** Whether something must stand where the batch stood, now that no record of it is left. */
  #holdsPlace(batch: Buffer): boolean {
    const { producers, upperOffset } = this.#options
    if (lastOffset(batch, 0) + 1 === upperOffset) return true
    if (!hasProducerId(batch, 0)) return false
    const producer = producers.get(producerKeyOf(batch, 0))
    if (producer === undefined) return false
    const lastDataOffset = lastOffsetOf(producer)
    // Of a producer that has written nothing since its marker, the marker tells the epoch.
    if (lastDataOffset < 0) return isControl(batch, 0) && producerEpoch(batch, 0) === producer.epoch
    return lastOffset(batch, 0) === lastDataOffset
  }

  get #newHorizonMs(): number {
    const { nowMs, deleteRetentionMs } = this.#options
    return Math.min(nowMs + deleteRetentionMs, LATEST_HORIZON_MS)
  }
}
