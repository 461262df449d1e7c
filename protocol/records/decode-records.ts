import type { DecodeLimits } from './decompress-records.ts'
import type { KafkaRecord } from './kafka-record.ts'
import { RecordCursor } from './record-cursor.ts'

/**
 * The records of exactly one batch, decoded one by one as they are asked for. Keys, values and
 * headers are views of the batch, or of its decompressed records. Throws a RecordsError; the
 * checksum is the caller's to check.
 */
export function* decodeRecords(
  batch: Uint8Array,
  limits: DecodeLimits = {},
): Generator<KafkaRecord, void, undefined> {
  const cursor = new RecordCursor(batch, limits)
  while (cursor.next()) yield recordAt(cursor)
}

/** The record that `cursor` stands on, as a value. */
export function recordAt(cursor: RecordCursor): KafkaRecord {
  return {
    offset: cursor.offset,
    timestampMs: cursor.timestampMs,
    key: cursor.key(),
    value: cursor.value(),
    headers: cursor.headers(),
  }
}
