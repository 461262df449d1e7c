export {
  type CompressOptions,
  compress,
  type DecompressOptions,
  decompress,
} from './compression.ts'
export { CompressionError, type CompressionErrorKind } from './compression-error.ts'
export {
  COMPRESSION_TYPES,
  type CompressionType,
  compressionTypeById,
  compressionTypeId,
} from './compression-type.ts'
export type { Lz4HeaderChecksum } from './lz4.ts'
