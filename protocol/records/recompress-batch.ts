import type { CompressionType } from '../compression/index.ts'
import { compress, compressionTypeId } from '../compression/index.ts'
import {
  attributes,
  BATCH_HEADER_BYTES,
  compressionType,
  readBatchHeader,
  writeBatchHeader,
} from './batch-header.ts'
import type { DecodeLimits } from './decompress-records.ts'
import { decompressRecords } from './decompress-records.ts'
import { RecordsError } from './records-error.ts'

const COMPRESSION_BITS = 0x07

/**
 * The same records under another codec, for topics whose compression.type names one; `batch` itself
 * when it has that codec already. Nothing is decoded. Throws a RecordsError on damaged data.
 */
export function recompressBatch(
  batch: Uint8Array,
  type: CompressionType,
  limits: DecodeLimits & { readonly level?: number } = {},
): Uint8Array {
  const codec = compressionType(batch)
  if (codec === type) return batch
  if (codec === undefined) {
    throw new RecordsError('unsupported-compression', 'unknown compression type')
  }
  const plain = decompressRecords(codec, batch.subarray(BATCH_HEADER_BYTES), limits)
  const records = compress(type, plain, limits.level === undefined ? {} : { level: limits.level })
  const result = Buffer.allocUnsafe(BATCH_HEADER_BYTES + records.length)
  result.set(records, BATCH_HEADER_BYTES)
  const header = readBatchHeader(batch)
  writeBatchHeader(result, {
    ...header,
    leaderEpoch: header.partitionLeaderEpoch,
    attributes: (attributes(batch) & ~COMPRESSION_BITS) | compressionTypeId(type),
  })
  return result
}
