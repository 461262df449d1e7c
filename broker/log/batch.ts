/**
 * What the engine reads and patches in a record batch, by Kafka's own names: each takes the bytes
 * and where the batch begins in them, and allocates nothing.
 */
import type { EndTransactionMarker } from '../../protocol/index.ts'
import { batchHeader, RecordCursor, readEndTransactionMarker } from '../../protocol/index.ts'

export { addToSequence, BATCH_HEADER_BYTES, crc32c } from '../../protocol/index.ts'

export const {
  baseOffset,
  baseSequence,
  batchSizeBytes,
  computeCrc,
  crc,
  deleteHorizonMs,
  hasProducerId,
  isControl,
  isLogAppendTime,
  isTransactional,
  lastOffset,
  lastOffsetDelta,
  magic,
  maxTimestamp,
  partitionLeaderEpoch,
  producerEpoch,
  recordCount,
  setBaseOffset,
  setLeaderEpoch,
  setLogAppendTime,
} = batchHeader

/** The transaction marker in the control batch at `at`; null when it holds another kind of control record. */
export function readMarker(bytes: Uint8Array, at: number): EndTransactionMarker | null {
  const batch = bytes.subarray(at, at + batchHeader.batchSizeBytes(bytes, at))
  const cursor = new RecordCursor(batch)
  return cursor.next() ? readEndTransactionMarker(cursor.key(), cursor.value()) : null
}
