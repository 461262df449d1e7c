import { batchHeader, LOG_OVERHEAD_BYTES } from '../../protocol/index.ts'

const INT16_BYTES = 2
const INT32_BYTES = 4
const INT64_BYTES = 8
const ABORTED_TRANSACTION_BYTES = 16
const ERROR_AT = 2 * INT32_BYTES

/** What one partition's part of a Fetch response holds. */
export interface FetchedPartition {
  readonly index: number
  readonly errorCode: number
  /** Offset after the last whole batch; -1 when there is none. */
  readonly nextOffset: number
  /** Offset of the first batch; -1 when there is none. */
  readonly firstOffset: number
  /** Bytes of the whole batches. */
  readonly sizeBytes: number
}

/**
 * Walks a Fetch response of version 11 with one topic, from batch header to batch header, without
 * decoding a record: the reader must cost less than the broker that it measures. Answers the error
 * code of the response as a whole.
 */
export function readFetchResponse(
  frame: Buffer,
  onPartition: (partition: FetchedPartition) => void,
): number {
  const errorCode = frame.readInt16BE(ERROR_AT)
  let at = ERROR_AT + INT16_BYTES + INT32_BYTES
  if (errorCode !== 0 || frame.readInt32BE(at) === 0) return errorCode
  at += INT32_BYTES
  at += INT16_BYTES + frame.readInt16BE(at)
  let left = frame.readInt32BE(at)
  at += INT32_BYTES
  for (; left > 0; left--) {
    const index = frame.readInt32BE(at)
    const partitionError = frame.readInt16BE(at + INT32_BYTES)
    // High watermark, last stable offset and log start offset lie between.
    at += INT32_BYTES + INT16_BYTES + 3 * INT64_BYTES
    at += INT32_BYTES + Math.max(frame.readInt32BE(at), 0) * ABORTED_TRANSACTION_BYTES
    const recordsBytes = Math.max(frame.readInt32BE(at + INT32_BYTES), 0)
    at += 2 * INT32_BYTES
    const batches = walkBatches(frame, at, at + recordsBytes)
    onPartition({ index, errorCode: partitionError, ...batches })
    at += recordsBytes
  }
  return 0
}

/** The last batch of a response may be cut off; it comes again with the next one. */
function walkBatches(
  frame: Buffer,
  start: number,
  end: number,
): Omit<FetchedPartition, 'index' | 'errorCode'> {
  let at = start
  let nextOffset = -1
  while (at + LOG_OVERHEAD_BYTES <= end) {
    const batchEnd = at + batchHeader.batchSizeBytes(frame, at)
    if (batchEnd > end) break
    nextOffset = batchHeader.lastOffset(frame, at) + 1
    at = batchEnd
  }
  const firstOffset = nextOffset < 0 ? -1 : batchHeader.baseOffset(frame, start)
  return { nextOffset, firstOffset, sizeBytes: at - start }
}
