export {
  COMPRESSION_TYPES,
  type CompressionType,
  compressionTypeById,
  compressionTypeId,
} from '../compression/index.ts'
export { BatchBuilder, type BatchOptions, encodeBatch } from './batch-builder.ts'
/**
 * Header fields in place: `batchHeader.baseOffset(bytes, at)` and so on. A namespace, because the
 * names of the fields are what callers want to call their own variables.
 */
export * as batchHeader from './batch-header.ts'
export {
  addToSequence,
  BATCH_HEADER_BYTES,
  type BatchHeader,
  LOG_OVERHEAD_BYTES,
  readBatchHeader,
} from './batch-header.ts'
export { batchEnd, batchesIn } from './batches-in.ts'
export {
  type EndTransactionMarker,
  encodeEndTransactionMarker,
  endTransactionMarkerKey,
  endTransactionMarkerValue,
  readEndTransactionMarker,
} from './control-record.ts'
export { crc32, crc32c } from './crc.ts'
export { decodeMessageSet, type MessageSetLimits } from './decode-message-set.ts'
export { decodeRecords, recordAt } from './decode-records.ts'
export type { DecodeLimits } from './decompress-records.ts'
export { fromMessageSet } from './from-message-set.ts'
export type { KafkaRecord, RecordHeader, RecordInput } from './kafka-record.ts'
export { mendMaxTimestamp } from './mend-max-timestamp.ts'
export type { OldMagic } from './message.ts'
export { recompressBatch } from './recompress-batch.ts'
export { RecordCursor } from './record-cursor.ts'
export { RecordsError, type RecordsErrorKind } from './records-error.ts'
export { emptyBatch, type RetainOptions, retainRecords } from './retain-records.ts'
export {
  type ConvertedMessages,
  type DownConversion,
  type DownConversionLimits,
  toMessageSet,
} from './to-message-set.ts'
export { type BatchCheck, type BatchLimits, validateBatch } from './validate-batch.ts'
