import { encodeBatch } from './batch-builder.ts'
import { int16, int32, putInt16, putInt32 } from './bytes.ts'
import { RecordsError } from './records-error.ts'

/** How a transaction ended (KIP-98). */
export interface EndTransactionMarker {
  readonly kind: 'commit' | 'abort'
  readonly coordinatorEpoch: number
}

const VERSION = 0
const ABORT = 0
const COMMIT = 1

/** Key of a marker's control record: version and type, int16 each. */
export function endTransactionMarkerKey(marker: EndTransactionMarker): Buffer {
  const key = Buffer.allocUnsafe(4)
  putInt16(key, 0, VERSION)
  putInt16(key, 2, marker.kind === 'commit' ? COMMIT : ABORT)
  return key
}

/** Value of a marker's control record: version int16, coordinator epoch int32. */
export function endTransactionMarkerValue(marker: EndTransactionMarker): Buffer {
  const value = Buffer.allocUnsafe(6)
  putInt16(value, 0, VERSION)
  putInt32(value, 2, marker.coordinatorEpoch)
  return value
}

/**
 * The marker that a control record is; null for other kinds of control record, which readers skip.
 * Newer versions only add to the end. Throws a RecordsError when it is too short to be one.
 */
export function readEndTransactionMarker(
  key: Uint8Array | null,
  value: Uint8Array | null,
): EndTransactionMarker | null {
  if (key === null || key.length < 4 || int16(key, 0) < 0) {
    throw new RecordsError('invalid-record', 'control record without a version and a type')
  }
  const type = int16(key, 2)
  if (type !== ABORT && type !== COMMIT) return null
  if (value === null || value.length < 6 || int16(value, 0) < 0) {
    throw new RecordsError('invalid-record', 'transaction marker without a coordinator epoch')
  }
  return { kind: type === COMMIT ? 'commit' : 'abort', coordinatorEpoch: int32(value, 2) }
}

/** The control batch that ends a producer's transaction in one partition. */
export function encodeEndTransactionMarker(
  marker: EndTransactionMarker,
  producer: { readonly id: bigint; readonly epoch: number },
  timestampMs: number,
): Buffer {
  const record = {
    timestampMs,
    key: endTransactionMarkerKey(marker),
    value: endTransactionMarkerValue(marker),
  }
  return encodeBatch([record], {
    producer: { ...producer, baseSequence: -1 },
    isTransactional: true,
    isControl: true,
  })
}
