import type { ErrorName, RecordsErrorKind } from '../../../protocol/index.ts'
import {
  batchHeader,
  fromMessageSet,
  mendMaxTimestamp,
  RecordCursor,
  RecordsError,
  recompressBatch,
  validateBatch,
} from '../../../protocol/index.ts'
import type { EffectiveTopicConfig } from '../../control/index.ts'

/** What a client is told about the records that were refused. */
export interface Refusal {
  readonly kind: 'refused'
  readonly error: ErrorName
  readonly message: string
  readonly records: readonly RefusedRecord[]
}

export interface RefusedRecord {
  readonly batchIndex: number
  readonly batchIndexErrorMessage: string
}

/** One batch of magic 2, as it is to be stored. */
export interface SoundBatch {
  readonly kind: 'sound'
  readonly batch: Uint8Array
}

/** Most records that one answer names; a client that errs in more learns of these first. */
const MAX_REFUSED_RECORDS = 100
/** Produce v3 and later carry exactly one batch of magic 2 (KIP-98). */
const FIRST_WITH_BATCHES = 3
/** Clients before could not read zstd back (KIP-110). */
const FIRST_WITH_ZSTD = 7

const ERRORS: { readonly [Kind in RecordsErrorKind]: ErrorName } = {
  corrupt: 'CORRUPT_MESSAGE',
  'invalid-record': 'INVALID_RECORD',
  'invalid-timestamp': 'INVALID_TIMESTAMP',
  'unsupported-magic': 'INVALID_RECORD',
  'unsupported-compression': 'UNSUPPORTED_COMPRESSION_TYPE',
  'too-large': 'MESSAGE_TOO_LARGE',
}

/**
 * Makes of what a client sent for one partition the batch to store, or says what is wrong with it.
 * A batch of magic 2 stays as it is and is not decoded, unless its topic asks for something that
 * only the records can tell (compaction needs keys, a limit on old timestamps, another codec).
 */
export function checkBatch(
  records: Uint8Array | null,
  apiVersion: number,
  config: EffectiveTopicConfig,
  nowMs: number,
): SoundBatch | Refusal {
  if (records === null || records.length === 0) {
    return refuse('INVALID_RECORD', 'no record batch for the partition')
  }
  try {
    const sent = apiVersion < FIRST_WITH_BATCHES ? fromMessageSet(records) : records
    const check = validateBatch(sent, {
      maxBatchBytes: config.maxMessageBytes,
      allowZstd: apiVersion >= FIRST_WITH_ZSTD,
    })
    if (check.kind !== 'ok' && check.kind !== 'wrong-max-timestamp') {
      return refuse(ERRORS[check.kind], check.message)
    }
    const batch = check.kind === 'ok' ? sent : mendMaxTimestamp(sent)
    return (
      checkTimestamps(batch, config, nowMs) ??
      checkRecords(batch, config, nowMs) ??
      store(batch, config)
    )
  } catch (cause) {
    if (!(cause instanceof RecordsError)) throw cause
    return refuse(ERRORS[cause.kind], cause.message)
  }
}

function refuse(
  error: ErrorName,
  message: string,
  records: readonly RefusedRecord[] = [],
): Refusal {
  return { kind: 'refused', error, message, records }
}

/** What the header alone can tell: a newest record that lies too far in the future. */
function checkTimestamps(
  batch: Uint8Array,
  { log, timestampAfterMaxMs }: EffectiveTopicConfig,
  nowMs: number,
): Refusal | null {
  if (log.timestampType === 'append') return null
  if (batchHeader.maxTimestamp(batch) <= nowMs + timestampAfterMaxMs) return null
  const records = namesOf(batch, (cursor) =>
    cursor.timestampMs > nowMs + timestampAfterMaxMs ? timestampFault(cursor) : null,
  )
  return refuse('INVALID_TIMESTAMP', 'records have timestamps too far in the future', records)
}

/** What only the records can tell; they are looked at only when the topic's configuration asks for it. */
function checkRecords(
  batch: Uint8Array,
  { log, timestampBeforeMaxMs }: EffectiveTopicConfig,
  nowMs: number,
): Refusal | null {
  const needsKeys = log.cleanup.compact
  const limitsAge = log.timestampType === 'create' && timestampBeforeMaxMs < nowMs
  if (!needsKeys && !limitsAge) return null
  const oldestMs = limitsAge ? nowMs - timestampBeforeMaxMs : -1
  let isTooOld = false
  const records = namesOf(batch, (cursor) => {
    if (needsKeys && cursor.keyBytes < 0) return 'a compacted topic takes no record without a key'
    if (cursor.timestampMs < 0 || cursor.timestampMs >= oldestMs) return null
    isTooOld = true
    return timestampFault(cursor)
  })
  if (records.length === 0) return null
  return isTooOld
    ? refuse('INVALID_TIMESTAMP', 'records have timestamps too far in the past', records)
    : refuse('INVALID_RECORD', 'records have no key, and the topic is compacted', records)
}

/** Applies the topic's `compression.type`. */
function store(batch: Uint8Array, config: EffectiveTopicConfig): SoundBatch | Refusal {
  const { compressionType, compressionLevel, maxMessageBytes } = config
  if (compressionType === 'producer') return { kind: 'sound', batch }
  const level = compressionLevel === undefined ? {} : { level: compressionLevel }
  const stored = recompressBatch(batch, compressionType, level)
  if (stored.length > maxMessageBytes) {
    const sizes = `${stored.length} bytes under ${compressionType}, at most ${maxMessageBytes}`
    return refuse('MESSAGE_TOO_LARGE', `the batch has ${sizes}`)
  }
  return { kind: 'sound', batch: stored }
}

/** Names the records in which `faultOf` finds something, up to a limit. */
function namesOf(
  batch: Uint8Array,
  faultOf: (cursor: RecordCursor) => string | null,
): RefusedRecord[] {
  const refused: RefusedRecord[] = []
  const cursor = new RecordCursor(batch)
  for (let batchIndex = 0; cursor.next(); batchIndex++) {
    const fault = faultOf(cursor)
    if (fault !== null && refused.length < MAX_REFUSED_RECORDS) {
      refused.push({ batchIndex, batchIndexErrorMessage: fault })
    }
  }
  return refused
}

function timestampFault({ timestampMs }: RecordCursor): string {
  return `timestamp ${timestampMs} is outside of what the topic accepts`
}
