import { encodeBatch, encodeEndTransactionMarker, RecordCursor } from '../../../protocol/index.ts'
import type { LogConfig, PartitionSpec, ReadLimits } from '../port.ts'

/** Logs and batches that tests of engines put in, and how they look at what comes out. */

export const TOPIC_A = 'AAAAAAAAAAAAAAAAAAAAAQ'
export const TOPIC_B = 'AAAAAAAAAAAAAAAAAAAAAg'

export const CONFIG: LogConfig = {
  cleanup: { delete: true, compact: false },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 4096,
  segmentMs: 7 * 86_400_000,
  deleteRetentionMs: 86_400_000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  minCleanableDirtyRatio: 0.5,
  timestampType: 'create',
  durability: 'disk',
}

export function spec(
  topicId: string,
  partition = 0,
  change: Partial<PartitionSpec> = {},
): PartitionSpec {
  return { topicId, partition, topicName: 'orders', config: CONFIG, internal: false, ...change }
}

interface ProducerFields {
  readonly id: bigint
  readonly epoch: number
  readonly baseSequence: number
}

/** A batch of records whose values are the given texts, one millisecond apart from `timeMs`. */
export function batchOf(
  values: readonly string[],
  options: { timeMs?: number; producer?: ProducerFields; transactional?: boolean } = {},
): Buffer {
  const records = values.map((value, index) => ({
    timestampMs: (options.timeMs ?? 1000) + index,
    key: null,
    value: Buffer.from(value),
  }))
  return encodeBatch(records, {
    ...(options.producer && { producer: options.producer }),
    ...(options.transactional && { isTransactional: true }),
  })
}

export function marker(
  kind: 'commit' | 'abort',
  id: bigint,
  epoch: number,
  coordinatorEpoch = 0,
): Buffer {
  return encodeEndTransactionMarker({ kind, coordinatorEpoch }, { id, epoch }, 5000)
}

/** All that there is, also what is not committed. */
export const WHOLE: ReadLimits = { maxBytes: 1_000_000, atLeastOne: true, isolation: 'uncommitted' }

/** Values of the records that the pieces hold, control records left out. */
export function valuesIn(pieces: readonly Uint8Array[]): string[] {
  const bytes = Buffer.concat(pieces)
  const values: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const sizeBytes = 12 + bytes.readInt32BE(at + 8)
    const batch = bytes.subarray(at, at + sizeBytes)
    at += sizeBytes
    if ((batch.readInt16BE(21) & 0x20) !== 0) continue
    const cursor = new RecordCursor(batch)
    while (cursor.next()) values.push(cursor.value()?.toString() ?? '')
  }
  return values
}
