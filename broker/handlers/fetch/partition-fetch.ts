import type { ErrorName, OldMagic } from '../../../protocol/index.ts'
import { batchesIn, batchHeader, RecordsError, toMessageSet } from '../../../protocol/index.ts'
import type { AbortedTransaction, PartitionLog, PartitionRead } from '../../log/index.ts'

/** What one partition gives in one attempt to read. */
export interface PartitionFetch {
  readonly error: ErrorName
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly abortedTransactions: readonly AbortedTransaction[]
  readonly records: readonly Uint8Array[]
  readonly sizeBytes: number
  /** Records of `records` that were converted to an old message format. */
  readonly convertedCount?: number
  /**
   * Where a later attempt of the same request has to read on, when this one found batches of which
   * the client can be shown nothing; -1 otherwise.
   */
  readonly skipToOffset: number
}

/** First versions of Fetch that know magic 1, magic 2 and zstd. */
const FIRST_WITH_MAGIC_1 = 2
export const FIRST_WITH_MAGIC_2 = 4
const FIRST_WITH_ZSTD = 10
const UNKNOWN = -1
const NO_RECORDS: readonly Uint8Array[] = []

export function failedFetch(error: ErrorName): PartitionFetch {
  return {
    error,
    highWatermark: UNKNOWN,
    lastStableOffset: UNKNOWN,
    logStartOffset: UNKNOWN,
    abortedTransactions: [],
    records: NO_RECORDS,
    sizeBytes: 0,
    skipToOffset: UNKNOWN,
  }
}

/** What a partition gives that is not read this time: where it stands. */
export function emptyFetch({
  highWatermark,
  lastStableOffset,
  logStartOffset,
}: PartitionLog): PartitionFetch {
  const nothing = { abortedTransactions: [], records: NO_RECORDS, sizeBytes: 0 }
  return {
    error: 'NONE',
    ...{ highWatermark, lastStableOffset, logStartOffset },
    ...nothing,
    skipToOffset: UNKNOWN,
  }
}

/** One partition of what the log answered, in the form that a version of Fetch can carry. */
export function fetchOf(
  read: PartitionRead,
  apiVersion: number,
  fetchOffset: number,
  maxBytes: number,
): PartitionFetch {
  if (read.kind === 'failed') return failedFetch(errorOf(read.reason))
  if (read.kind === 'offset-out-of-range') return failedFetch('OFFSET_OUT_OF_RANGE')
  const found = {
    error: 'NONE' as const,
    highWatermark: read.highWatermark,
    lastStableOffset: read.lastStableOffset,
    logStartOffset: read.logStartOffset,
    abortedTransactions: read.abortedTransactions,
    skipToOffset: UNKNOWN,
  }
  if (apiVersion >= FIRST_WITH_ZSTD) {
    return { ...found, records: read.pieces, sizeBytes: read.sizeBytes }
  }
  try {
    if (apiVersion < FIRST_WITH_MAGIC_2) {
      return { ...found, ...convert(read.pieces, apiVersion, fetchOffset, maxBytes) }
    }
    if (read.pieces.some(hasZstd)) return failedFetch('UNSUPPORTED_COMPRESSION_TYPE')
  } catch (cause) {
    if (!(cause instanceof RecordsError)) throw cause
    return failedFetch('CORRUPT_MESSAGE')
  }
  return { ...found, records: read.pieces, sizeBytes: read.sizeBytes }
}

/** Whether the response's records are copies of what the log has. */
export function isConverted(apiVersion: number): boolean {
  return apiVersion < FIRST_WITH_MAGIC_2
}

function convert(
  pieces: readonly Uint8Array[],
  apiVersion: number,
  fromOffset: number,
  maxBytes: number,
): Partial<PartitionFetch> & Pick<PartitionFetch, 'records' | 'sizeBytes'> {
  const magic: OldMagic = apiVersion < FIRST_WITH_MAGIC_1 ? 0 : 1
  const converted = toMessageSet(pieces, magic, {
    fromOffset,
    // What was read is to be given, however small the limit: one batch at least.
    maxBytes: Math.max(1, maxBytes),
  })
  if (converted.kind === 'unsupported-compression') {
    return failedFetch('UNSUPPORTED_COMPRESSION_TYPE')
  }
  const { recordCount, nextOffset } = converted
  return {
    records: converted.pieces,
    sizeBytes: converted.sizeBytes,
    convertedCount: recordCount,
    skipToOffset: recordCount === 0 && nextOffset > fromOffset ? nextOffset : UNKNOWN,
  }
}

function hasZstd(piece: Uint8Array): boolean {
  for (const batch of batchesIn(piece)) {
    if (batchHeader.compressionType(batch) === 'zstd') return true
  }
  return false
}

function errorOf(reason: 'storage-error' | 'dropped' | 'corrupt'): ErrorName {
  switch (reason) {
    case 'storage-error':
      return 'KAFKA_STORAGE_ERROR'
    case 'corrupt':
      return 'CORRUPT_MESSAGE'
    case 'dropped':
      return 'UNKNOWN_TOPIC_OR_PARTITION'
  }
}
