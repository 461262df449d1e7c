import { compressionTypeById } from '../compression/index.ts'
import {
  BATCH_HEADER_BYTES,
  baseOffset,
  baseSequence,
  baseTimestamp,
  batchSizeBytes,
  compressionTypeId,
  computeCrc,
  crc,
  deleteHorizonMs,
  hasProducerId,
  isControl,
  isLogAppendTime,
  isTransactional,
  lastOffsetDelta,
  magic,
  maxTimestamp,
  producerEpoch,
  recordCount,
} from './batch-header.ts'
import { MIN_RECORD_BYTES } from './record-cursor.ts'
import type { RecordsErrorKind } from './records-error.ts'
import { isTimestamp } from './timestamp.ts'

export interface BatchLimits {
  /** Largest whole batch, as the topic's max.message.bytes. */
  readonly maxBatchBytes: number
  /** False before Produce v7: clients that old cannot read zstd back (KIP-110). True when left out. */
  readonly allowZstd?: boolean
  /** Who made the batch. Only the broker's own coordinators write control records. `client` when left out. */
  readonly origin?: 'client' | 'coordinator'
}

/**
 * `wrong-max-timestamp`: sound but for a max timestamp that lies before the base timestamp, as some
 * clients send when the times of their records fall. Kafka mends the header; so can
 * `mendMaxTimestamp`.
 */
export type BatchCheck =
  | { readonly kind: 'ok' }
  | { readonly kind: 'wrong-max-timestamp' }
  | { readonly kind: RecordsErrorKind; readonly message: string }

const OK: BatchCheck = { kind: 'ok' }
const WRONG_MAX_TIMESTAMP: BatchCheck = { kind: 'wrong-max-timestamp' }

/**
 * Checks all that can be known of a batch from a producer without decoding its records: exactly one
 * batch of magic 2 fills `bytes`, the checksum is right, and the header makes sense. What Kafka
 * refuses is refused with the same error; beyond that, a delete horizon, which only compaction sets.
 * Allocates nothing for a good batch.
 */
export function validateBatch(bytes: Uint8Array, limits: BatchLimits): BatchCheck {
  return checkFrame(bytes, limits) ?? checkContent(bytes, limits) ?? checkTimestamps(bytes) ?? OK
}

function refuse(kind: RecordsErrorKind, message: string): BatchCheck {
  return { kind, message }
}

function checkFrame(bytes: Uint8Array, limits: BatchLimits): BatchCheck | undefined {
  if (bytes.length < BATCH_HEADER_BYTES) {
    // A message of the old formats may be shorter than a header of magic 2.
    return isOldMagic(bytes)
      ? refuse('unsupported-magic', `magic ${magic(bytes)} where a batch of magic 2 is due`)
      : refuse('corrupt', `${bytes.length} bytes are no batch`)
  }
  if (magic(bytes) !== 2) {
    return isOldMagic(bytes)
      ? refuse('unsupported-magic', `magic ${magic(bytes)} where a batch of magic 2 is due`)
      : refuse('corrupt', `unknown magic ${magic(bytes)}`)
  }
  const sizeBytes = batchSizeBytes(bytes)
  if (sizeBytes < BATCH_HEADER_BYTES || sizeBytes > bytes.length) {
    return refuse('corrupt', `a batch of ${sizeBytes} bytes in ${bytes.length}`)
  }
  if (sizeBytes < bytes.length) {
    return refuse('invalid-record', 'more than one batch for a partition')
  }
  if (sizeBytes > limits.maxBatchBytes) {
    return refuse('too-large', `a batch of ${sizeBytes} bytes, at most ${limits.maxBatchBytes}`)
  }
  if (computeCrc(bytes) !== crc(bytes)) return refuse('corrupt', 'checksum does not match')
  return undefined
}

function isOldMagic(bytes: Uint8Array): boolean {
  return bytes.length > 16 && (magic(bytes) === 0 || magic(bytes) === 1)
}

function checkContent(bytes: Uint8Array, limits: BatchLimits): BatchCheck | undefined {
  const codec = compressionTypeById(compressionTypeId(bytes))
  if (codec === undefined) return refuse('unsupported-compression', 'unknown compression type')
  if (codec === 'zstd' && limits.allowZstd === false) {
    return refuse('unsupported-compression', 'zstd needs a newer version of Produce')
  }
  if (baseOffset(bytes) !== 0) return refuse('invalid-record', 'base offset is not 0')
  const count = recordCount(bytes)
  if (count < 1 || count !== lastOffsetDelta(bytes) + 1) {
    return refuse('invalid-record', `${count} records up to offset ${lastOffsetDelta(bytes)}`)
  }
  if (codec === 'none' && count * MIN_RECORD_BYTES > bytes.length - BATCH_HEADER_BYTES) {
    return refuse('invalid-record', `${count} records do not fit in ${bytes.length} bytes`)
  }
  if (isControl(bytes) && limits.origin !== 'coordinator') {
    return refuse('invalid-record', 'clients do not write control records')
  }
  if (deleteHorizonMs(bytes) !== null) return refuse('invalid-record', 'delete horizon is set')
  return checkProducer(bytes)
}

function checkProducer(bytes: Uint8Array): BatchCheck | undefined {
  if (!hasProducerId(bytes)) {
    return isTransactional(bytes)
      ? refuse('invalid-record', 'transactional without a producer id')
      : undefined
  }
  if (producerEpoch(bytes) < 0) return refuse('invalid-record', 'producer id without an epoch')
  // Markers have no sequence; a client's batch that could not be told from its repetition is useless.
  if (baseSequence(bytes) < 0 && !isControl(bytes)) {
    return refuse('invalid-record', `sequence ${baseSequence(bytes)} with a producer id`)
  }
  return undefined
}

function checkTimestamps(bytes: Uint8Array): BatchCheck | undefined {
  if (isLogAppendTime(bytes)) {
    return refuse('invalid-timestamp', 'only the broker sets LogAppendTime')
  }
  if (!isTimestamp(baseTimestamp(bytes)) || !isTimestamp(maxTimestamp(bytes))) {
    return refuse('invalid-timestamp', 'timestamps begin at -1 and end at 2^52')
  }
  return maxTimestamp(bytes) < baseTimestamp(bytes) ? WRONG_MAX_TIMESTAMP : undefined
}
