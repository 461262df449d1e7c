import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import kafkajs from 'kafkajs'
import { compressFrame, decompressFrame } from 'lz4-napi'
import { compress, uncompress } from 'snappy'

/** kafkajs brings only gzip; users plug in the others, and so do we. */
export function plugInCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  CompressionCodecs[CompressionTypes.Snappy] = codec(compressXerial, uncompressXerial)
  CompressionCodecs[CompressionTypes.LZ4] = codec(compressFrame, decompressFrame)
  CompressionCodecs[CompressionTypes.ZSTD] = codec(
    promisify(zstdCompress),
    promisify(zstdDecompress),
  )
}

type Transform = (bytes: Buffer) => Promise<Buffer>

function codec(compressBytes: Transform, decompressBytes: Transform): () => object {
  return () => ({
    compress: (encoder: { buffer: Buffer }) => compressBytes(encoder.buffer),
    decompress: decompressBytes,
  })
}

// The Java library's stream format, which Kafka clients use: a magic, two version numbers, then
// blocks that each begin with their length.
const XERIAL_HEADER = Buffer.from([
  0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1,
])
const BLOCK_BYTES = 32 * 1024

async function compressXerial(bytes: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [XERIAL_HEADER]
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = await compress(bytes.subarray(at, at + BLOCK_BYTES))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

async function uncompressXerial(bytes: Buffer): Promise<Buffer> {
  // Some clients write one bare block without the stream format around it.
  if (!bytes.subarray(0, 8).equals(XERIAL_HEADER.subarray(0, 8)))
    return asBuffer(await uncompress(bytes))
  const parts: Buffer[] = []
  for (let at = XERIAL_HEADER.length; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    parts.push(asBuffer(await uncompress(bytes.subarray(at + 4, at + 4 + length))))
    at += 4 + length
  }
  return Buffer.concat(parts)
}

function asBuffer(data: string | Buffer): Buffer {
  return typeof data === 'string' ? Buffer.from(data) : data
}
