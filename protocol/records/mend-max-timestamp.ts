import { setMaxTimestamp } from './batch-header.ts'
import type { DecodeLimits } from './decompress-records.ts'
import { RecordCursor } from './record-cursor.ts'

/**
 * A copy of `batch` whose max timestamp is what its records say, for the few clients that fill in
 * the last record's. Throws a RecordsError when the records cannot be decoded.
 */
export function mendMaxTimestamp(batch: Uint8Array, limits: DecodeLimits = {}): Buffer {
  const cursor = new RecordCursor(batch, limits)
  let maxTimestampMs = -1
  while (cursor.next()) maxTimestampMs = Math.max(maxTimestampMs, cursor.timestampMs)
  const mended = Buffer.from(batch)
  setMaxTimestamp(mended, maxTimestampMs)
  return mended
}
