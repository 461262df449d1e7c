import { CompressionError, outputTooLarge } from './compression-error.ts'

/**
 * Runs one of node:zlib's decompressors and turns its errors into ours. node:zlib stops at
 * `maxOutputLength` while it produces, so no more than that is ever held.
 */
export function zlibDecompress<T>(run: () => T, maxBytes: number): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof RangeError && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') {
      throw outputTooLarge(maxBytes)
    }
    throw new CompressionError('corrupt', 'compressed data is damaged', { cause })
  }
}

/** Larger than node's default, which costs a list of many small pieces for a batch of usual size. */
export const OUTPUT_CHUNK_BYTES = 64 * 1024
