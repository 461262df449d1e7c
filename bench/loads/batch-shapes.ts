import type { BatchShape } from '../client/produce-frame.ts'

/** Kafka's producers fill batches up to `batch.size`, 16,384 bytes unless it is set. */
const DEFAULT_BATCH_BYTES = 16_384
const BATCH_HEADER_BYTES = 61
/** What the format adds to a record of these sizes: length, attributes, deltas, key, headers. */
const RECORD_OVERHEAD_BYTES = 9

/** A batch as a producer with default settings sends it once it has enough records waiting. */
export function fullBatchOf(recordBytes: number): BatchShape {
  const room = DEFAULT_BATCH_BYTES - BATCH_HEADER_BYTES
  return { recordBytes, recordsPerBatch: Math.floor(room / (recordBytes + RECORD_OVERHEAD_BYTES)) }
}
