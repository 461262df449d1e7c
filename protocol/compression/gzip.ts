import { gunzipSync, gzipSync } from 'node:zlib'
import { OUTPUT_CHUNK_BYTES, zlibDecompress } from './zlib-decompress.ts'

/** `level` 1 to 9, or -1 for zlib's default, which is Kafka's too. */
export function compressGzip(bytes: Uint8Array, level = -1): Buffer {
  return gzipSync(bytes, { level })
}

/** Several members one after the other are one stream (RFC 1952, 2.2). */
export function decompressGzip(bytes: Uint8Array, maxBytes: number): Buffer {
  return zlibDecompress(
    () => gunzipSync(bytes, { maxOutputLength: maxBytes, chunkSize: OUTPUT_CHUNK_BYTES }),
    maxBytes,
  )
}
