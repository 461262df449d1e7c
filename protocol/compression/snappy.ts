/**
 * Snappy as Kafka's clients write it: the stream format of the Java library snappy-java ("xerial"),
 * a magic and two version numbers followed by blocks, each a big-endian length and a raw snappy
 * block. Some clients send one raw block without a stream around it; both are read.
 */
import type * as Snappy from 'snappy'
import { CompressionError } from './compression-error.ts'
import { onFirstUse } from './on-first-use.ts'
import { Output } from './output.ts'

const snappy = onFirstUse<typeof Snappy>('snappy')

const STREAM_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
/** Magic, version 1, compatible with version 1. */
const STREAM_HEADER = Buffer.concat([STREAM_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])])
/** What snappy-java takes by default; its readers size their buffers by each block's own length. */
const BLOCK_BYTES = 32 * 1024
/**
 * Three bytes of input (a copy with a two-byte offset) give at most 64 of output, so a block that
 * declares more than 22 times its size lies, and is refused before memory is taken for it.
 */
const MAX_RATIO = 22
/** Memory that V8 must adopt costs far more than copying blocks of this size does. */
const COPY_OUTPUT = { copyOutputData: true } as const

export function compressSnappy(bytes: Uint8Array): Buffer {
  const pieces: Buffer[] = [STREAM_HEADER]
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = snappy().compressSync(bytes.subarray(at, at + BLOCK_BYTES), COPY_OUTPUT)
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length)
    pieces.push(length, block)
  }
  return Buffer.concat(pieces)
}

export function decompressSnappy(bytes: Uint8Array, maxBytes: number): Buffer {
  const output = new Output(maxBytes)
  if (!startsStream(bytes, 0)) return decompressBlock(bytes, output)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = 0
  while (position < bytes.length) {
    // Streams may follow each other, each with its header; a block length never looks like one.
    if (startsStream(bytes, position)) {
      position += STREAM_HEADER.length
      if (position > bytes.length) throw new CompressionError('corrupt', 'snappy header is cut off')
      continue
    }
    const lengthEnd = position + 4
    const blockBytes = lengthEnd <= bytes.length ? view.getInt32(position) : -1
    if (blockBytes <= 0 || blockBytes > bytes.length - lengthEnd) {
      throw new CompressionError('corrupt', 'snappy block reaches past the end')
    }
    position = lengthEnd + blockBytes
    output.append(decompressBlock(bytes.subarray(lengthEnd, position), output))
  }
  return output.from(0)
}

function startsStream(bytes: Uint8Array, at: number): boolean {
  if (bytes.length - at < STREAM_MAGIC.length) return false
  return STREAM_MAGIC.every((byte, index) => bytes[at + index] === byte)
}

/** Takes memory only for what `output` has room for. */
function decompressBlock(block: Uint8Array, output: Output): Buffer {
  const declaredBytes = declaredLength(block)
  output.expect(declaredBytes)
  if (declaredBytes > block.length * MAX_RATIO) {
    throw new CompressionError('corrupt', 'snappy block declares more than it can hold')
  }
  const { uncompressSync } = snappy()
  try {
    // The library answers a string only when asked to.
    return uncompressSync(block, { ...COPY_OUTPUT, asBuffer: true }) as Buffer
  } catch (cause) {
    throw new CompressionError('corrupt', 'snappy block is damaged', { cause })
  }
}

/** A raw block begins with the length of its content as a little-endian varint of 32 bits. */
function declaredLength(block: Uint8Array): number {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) break
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return length
  }
  throw new CompressionError('corrupt', 'snappy block has no length')
}
