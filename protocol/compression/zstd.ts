import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { CompressionError } from './compression-error.ts'
import { Output } from './output.ts'
import { OUTPUT_CHUNK_BYTES, zlibDecompress } from './zlib-decompress.ts'

/** Kafka's default for `compression.zstd.level`. */
const DEFAULT_LEVEL = 3
/** Setting up a decoder costs far more than an empty frame of nine bytes does; clients write one frame. */
const MAX_FRAMES = 64

/** `level` -131072 to 22 (KIP-390). */
export function compressZstd(bytes: Uint8Array, level = DEFAULT_LEVEL): Buffer {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } })
}

/**
 * Several frames one after the other are one stream (RFC 8878, 3.1); node:zlib stops after the
 * first, so each is decoded on its own. The window is left at zstd's limit of 128 MiB, which level
 * 22 uses: a frame that only claims it makes zstd reserve addresses, not touch memory.
 */
export function decompressZstd(bytes: Uint8Array, maxBytes: number): Buffer {
  const output = new Output(maxBytes)
  let position = 0
  for (let frames = 0; frames === 0 || position < bytes.length; frames++) {
    if (frames === MAX_FRAMES) throw new CompressionError('corrupt', 'too many zstd frames')
    // At least 1, since node:zlib takes no 0: a frame that writes nothing may still follow.
    const leftBytes = Math.max(1, maxBytes - output.sizeBytes)
    const frame = decompressFrame(bytes.subarray(position), leftBytes)
    output.append(frame.content)
    position += frame.compressedBytes
  }
  return output.from(0)
}

interface ZstdFrame {
  readonly content: Buffer
  /** How much of the input the frame was. */
  readonly compressedBytes: number
}

function decompressFrame(bytes: Uint8Array, maxBytes: number): ZstdFrame {
  const result: unknown = zlibDecompress(
    () =>
      zstdDecompressSync(bytes, {
        maxOutputLength: maxBytes,
        chunkSize: OUTPUT_CHUNK_BYTES,
        info: true,
      }),
    maxBytes,
  )
  // The type declarations do not know that `info` changes what is returned.
  const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } }
  return { content: buffer, compressedBytes: engine.bytesWritten }
}
