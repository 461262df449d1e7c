import type { CompressionType, DecompressOptions } from '../compression/index.ts'
import { CompressionError, decompress } from '../compression/index.ts'
import { RecordsError } from './records-error.ts'

export interface DecodeLimits {
  /** Most bytes that one batch may take when decompressed; 64 MiB when left out. */
  readonly maxDecompressedBytes?: number
}

const DEFAULT_MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024

/** Decompression whose faults are the records' faults. */
export function decompressRecords(
  type: CompressionType,
  bytes: Uint8Array,
  limits: DecodeLimits,
  options?: DecompressOptions,
): Buffer {
  const maxBytes = limits.maxDecompressedBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES
  try {
    return decompress(type, bytes, maxBytes, options)
  } catch (cause) {
    if (!(cause instanceof CompressionError)) throw cause
    throw new RecordsError(cause.kind, cause.message, { cause })
  }
}
