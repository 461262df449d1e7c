/** Codecs by Kafka's names, in the order of their ids on the wire. */
export const COMPRESSION_TYPES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export type CompressionType = (typeof COMPRESSION_TYPES)[number]

/** Undefined for an id that no codec has. */
export function compressionTypeById(id: number): CompressionType | undefined {
  return COMPRESSION_TYPES[id]
}

export function compressionTypeId(type: CompressionType): number {
  return COMPRESSION_TYPES.indexOf(type)
}
