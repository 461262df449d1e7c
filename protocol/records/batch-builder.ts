import type { CompressionType } from '../compression/index.ts'
import { compress, compressionTypeId } from '../compression/index.ts'
import {
  BATCH_HEADER_BYTES,
  CONTROL_BIT,
  DELETE_HORIZON_BIT,
  LOG_APPEND_TIME_BIT,
  TRANSACTIONAL_BIT,
  writeBatchHeader,
} from './batch-header.ts'
import type { RecordInput } from './kafka-record.ts'
import { RecordWriter } from './record-writer.ts'
import { isStorableTimestamp } from './timestamp.ts'

export interface BatchOptions {
  /** Offset of the first record unless records bring their own; 0 when left out. */
  readonly baseOffset?: number
  /** -1, none, when left out. */
  readonly leaderEpoch?: number
  /** `none` when left out. */
  readonly compression?: CompressionType
  /** For codecs that have levels. */
  readonly compressionLevel?: number
  /** Idempotent producers; a control batch has -1 as its sequence. */
  readonly producer?: {
    readonly id: bigint
    readonly epoch: number
    readonly baseSequence: number
  }
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  /** Makes the batch LogAppendTime: every record has this time. */
  readonly logAppendTimeMs?: number
  /** KIP-534: tombstones of this batch may be removed from this time on. */
  readonly deleteHorizonMs?: number
  /** Last offset of the batch where that is beyond the last record, as after compaction. */
  readonly lastOffset?: number
}

/** Collects records into one batch of magic 2. Use it once: `build` hands the memory out. */
export class BatchBuilder {
  readonly #options: BatchOptions
  readonly #baseOffset: number
  readonly #writer = new RecordWriter(BATCH_HEADER_BYTES)
  #baseTimestamp: number
  #maxTimestamp = -1
  #nextOffset: number
  #recordCount = 0

  constructor(options: BatchOptions = {}) {
    this.#options = options
    this.#baseOffset = options.baseOffset ?? 0
    this.#nextOffset = this.#baseOffset
    this.#baseTimestamp = options.deleteHorizonMs ?? -1
  }

  get recordCount(): number {
    return this.#recordCount
  }

  /** Size of the batch as it stands, before compression. */
  get sizeBytes(): number {
    return this.#writer.sizeBytes
  }

  /** Throws a RangeError when the offset is not above all before it, or a number cannot be stored. */
  append(record: RecordInput): void {
    const offset = record.offset ?? this.#nextOffset
    const timestampMs = this.#options.logAppendTimeMs ?? record.timestampMs
    const offsetDelta = offset - this.#baseOffset
    if (offset < this.#nextOffset || offsetDelta > 0x7fff_ffff) {
      throw new RangeError(`offset ${offset} cannot follow in a batch from ${this.#baseOffset}`)
    }
    if (!Number.isSafeInteger(offset) || !isStorableTimestamp(timestampMs)) {
      throw new RangeError(`cannot be stored: offset ${offset}, timestamp ${timestampMs}`)
    }
    if (this.#recordCount === 0 && this.#options.deleteHorizonMs === undefined) {
      this.#baseTimestamp = timestampMs
    }
    this.#writer.write(record, timestampMs - this.#baseTimestamp, offsetDelta)
    this.#maxTimestamp = Math.max(this.#maxTimestamp, timestampMs)
    this.#nextOffset = offset + 1
    this.#recordCount++
  }

  /** The whole batch, checksummed. Throws a RangeError when there is no record. */
  build(): Buffer {
    const lastOffset = this.#options.lastOffset ?? this.#nextOffset - 1
    if (this.#recordCount === 0 || lastOffset < this.#nextOffset - 1) {
      throw new RangeError(`${this.#recordCount} records cannot end at offset ${lastOffset}`)
    }
    const batch = this.#compressed()
    const producer = this.#options.producer
    writeBatchHeader(batch, {
      baseOffset: this.#baseOffset,
      leaderEpoch: this.#options.leaderEpoch ?? -1,
      attributes: attributesOf(this.#options),
      lastOffsetDelta: lastOffset - this.#baseOffset,
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: this.#maxTimestamp,
      producerId: producer?.id ?? -1n,
      producerEpoch: producer?.epoch ?? -1,
      baseSequence: producer?.baseSequence ?? -1,
      recordCount: this.#recordCount,
    })
    return batch
  }

  #compressed(): Buffer {
    const written = this.#writer.bytes()
    const { compression = 'none', compressionLevel } = this.#options
    if (compression === 'none') return written
    const records = compress(
      compression,
      written.subarray(BATCH_HEADER_BYTES),
      compressionLevel === undefined ? {} : { level: compressionLevel },
    )
    const batch = Buffer.allocUnsafe(BATCH_HEADER_BYTES + records.length)
    batch.set(records, BATCH_HEADER_BYTES)
    return batch
  }
}

function attributesOf(options: BatchOptions): number {
  return (
    compressionTypeId(options.compression ?? 'none') |
    (options.logAppendTimeMs === undefined ? 0 : LOG_APPEND_TIME_BIT) |
    (options.isTransactional ? TRANSACTIONAL_BIT : 0) |
    (options.isControl ? CONTROL_BIT : 0) |
    (options.deleteHorizonMs === undefined ? 0 : DELETE_HORIZON_BIT)
  )
}

/** One batch of magic 2 with these records, at least one. Throws a RangeError as BatchBuilder does. */
export function encodeBatch(records: Iterable<RecordInput>, options: BatchOptions = {}): Buffer {
  const builder = new BatchBuilder(options)
  for (const record of records) builder.append(record)
  return builder.build()
}
