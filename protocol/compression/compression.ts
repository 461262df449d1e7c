import type { CompressionType } from './compression-type.ts'
import { compressGzip, decompressGzip } from './gzip.ts'
import type { Lz4HeaderChecksum } from './lz4.ts'
import { compressLz4, decompressLz4 } from './lz4.ts'
import { compressSnappy, decompressSnappy } from './snappy.ts'
import { compressZstd, decompressZstd } from './zstd.ts'

export interface CompressOptions {
  /** For gzip and zstd; the codec's default when left out. */
  readonly level?: number
  readonly lz4HeaderChecksum?: Lz4HeaderChecksum
}

/** Answers `bytes` themselves for `none`. */
export function compress(
  type: CompressionType,
  bytes: Uint8Array,
  options: CompressOptions = {},
): Uint8Array {
  switch (type) {
    case 'none':
      return bytes
    case 'gzip':
      return compressGzip(bytes, options.level)
    case 'snappy':
      return compressSnappy(bytes)
    case 'lz4':
      return compressLz4(bytes, options.lz4HeaderChecksum)
    case 'zstd':
      return compressZstd(bytes, options.level)
  }
}

export interface DecompressOptions {
  readonly lz4HeaderChecksum?: Lz4HeaderChecksum
}

/**
 * Answers a view of `bytes` themselves for `none`. Throws a CompressionError, `too-large` before more
 * than `maxBytes` (at least 1) and one block of output are held.
 */
export function decompress(
  type: CompressionType,
  bytes: Uint8Array,
  maxBytes: number,
  options: DecompressOptions = {},
): Buffer {
  switch (type) {
    case 'none':
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    case 'gzip':
      return decompressGzip(bytes, maxBytes)
    case 'snappy':
      return decompressSnappy(bytes, maxBytes)
    case 'lz4':
      return decompressLz4(bytes, maxBytes, options.lz4HeaderChecksum)
    case 'zstd':
      return decompressZstd(bytes, maxBytes)
  }
}
