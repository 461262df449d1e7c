import type { BatchOptions } from './batch-builder.ts'
import { BatchBuilder } from './batch-builder.ts'
import {
  attributes,
  BATCH_HEADER_BYTES,
  baseOffset,
  baseSequence,
  CONTROL_BIT,
  compressionType,
  deleteHorizonMs,
  hasProducerId,
  isControl,
  isLogAppendTime,
  isTransactional,
  LOG_APPEND_TIME_BIT,
  lastOffset,
  lastOffsetDelta,
  maxTimestamp,
  partitionLeaderEpoch,
  producerEpoch,
  producerId,
  recordCount,
  TRANSACTIONAL_BIT,
  writeBatchHeader,
} from './batch-header.ts'
import { recordAt } from './decode-records.ts'
import type { DecodeLimits } from './decompress-records.ts'
import { RecordCursor } from './record-cursor.ts'

export interface RetainOptions extends DecodeLimits {
  /** Sets the time from which tombstones may go, unless the batch has one already (KIP-534). */
  readonly deleteHorizonMs?: number
}

/**
 * What is left of a batch when compaction keeps some of its records: offsets, timestamps, base and
 * last offset, producer fields and flags stay as they were, so that consumers find no difference
 * but the missing records, and a producer's last sequence survives. Answers `batch` itself when
 * nothing changes, null when no record stays (`emptyBatch` then keeps the producer's trace, if that
 * is wanted). Throws a RecordsError on bad bytes.
 */
export function retainRecords(
  batch: Uint8Array,
  keep: (record: RecordCursor) => boolean,
  options: RetainOptions = {},
): Uint8Array | null {
  const horizonMs = deleteHorizonMs(batch) ?? options.deleteHorizonMs
  const builder = new BatchBuilder(optionsLike(batch, horizonMs))
  const cursor = new RecordCursor(batch, options)
  while (cursor.next()) {
    if (keep(cursor)) builder.append(recordAt(cursor))
  }
  if (builder.recordCount === 0) return null
  const isSame =
    builder.recordCount === recordCount(batch) &&
    horizonMs === (deleteHorizonMs(batch) ?? undefined)
  return isSame ? batch : builder.build()
}

function optionsLike(batch: Uint8Array, horizonMs: number | undefined): BatchOptions {
  return {
    baseOffset: baseOffset(batch),
    lastOffset: lastOffset(batch),
    leaderEpoch: partitionLeaderEpoch(batch),
    compression: compressionType(batch) ?? 'none',
    isTransactional: isTransactional(batch),
    isControl: isControl(batch),
    ...(hasProducerId(batch) && {
      producer: {
        id: producerId(batch),
        epoch: producerEpoch(batch),
        baseSequence: baseSequence(batch),
      },
    }),
    ...(isLogAppendTime(batch) && { logAppendTimeMs: maxTimestamp(batch) }),
    ...(horizonMs !== undefined && { deleteHorizonMs: horizonMs }),
  }
}

/**
 * A batch without records that stands where `batch` stood: it holds the offsets, and tells recovery
 * the producer's last sequence and a transaction's last offset after compaction took every record.
 */
export function emptyBatch(batch: Uint8Array): Buffer {
  const empty = Buffer.alloc(BATCH_HEADER_BYTES)
  writeBatchHeader(empty, {
    baseOffset: baseOffset(batch),
    leaderEpoch: partitionLeaderEpoch(batch),
    attributes: attributes(batch) & (LOG_APPEND_TIME_BIT | TRANSACTIONAL_BIT | CONTROL_BIT),
    lastOffsetDelta: lastOffsetDelta(batch),
    baseTimestamp: -1,
    maxTimestamp: maxTimestamp(batch),
    producerId: producerId(batch),
    producerEpoch: producerEpoch(batch),
    baseSequence: baseSequence(batch),
    recordCount: 0,
  })
  return empty
}
