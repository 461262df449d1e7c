/**
 * LZ4 frames (LZ4 frame format 1.6.3) around the library's block functions: the library's own frame
 * functions know neither an output cap nor Kafka's wrong header checksum.
 */
import type * as Lz4 from 'lz4-napi'
import { CompressionError } from './compression-error.ts'
import { onFirstUse } from './on-first-use.ts'
import { Output } from './output.ts'
import { xxhash32 } from './xxhash32.ts'

const lz4 = onFirstUse<typeof Lz4>('lz4-napi')

const FRAME_MAGIC = 0x184d2204
const SKIPPABLE_MAGIC = 0x184d2a50
const SKIPPABLE_MASK = 0xfffffff0
const UNCOMPRESSED_BIT = 0x8000_0000

/** Flag byte: format version 1, blocks independent of each other, no checksums, no content size. */
const FLAGS_WRITTEN = 0x60
/** Block size byte for 64 KiB, as Kafka's Java client has it. */
const BLOCK_SIZE_CODE_WRITTEN = 0x40
const BLOCK_BYTES_WRITTEN = 64 * 1024
/** How far back a block that depends on its predecessors may reach. */
const WINDOW_BYTES = 64 * 1024
const NO_WINDOW = Buffer.alloc(0)
/** A byte of a length field stands for at most 255 bytes of output. */
const MAX_RATIO = 255

/**
 * How the checksum of the frame header is taken. Clients of magic 0 hash the frame magic too, which
 * is wrong but must be reproduced for them (KIP-57), and is left unchecked when they write.
 */
export type Lz4HeaderChecksum = 'standard' | 'with-magic'

export function compressLz4(
  bytes: Uint8Array,
  headerChecksum: Lz4HeaderChecksum = 'standard',
): Buffer {
  const pieces: Buffer[] = [frameHeader(headerChecksum)]
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES_WRITTEN) {
    pieces.push(...encodeBlock(bytes.subarray(at, at + BLOCK_BYTES_WRITTEN)))
  }
  pieces.push(littleEndian32(0))
  return Buffer.concat(pieces)
}

function frameHeader(headerChecksum: Lz4HeaderChecksum): Buffer {
  const header = Buffer.allocUnsafe(7)
  header.writeUInt32LE(FRAME_MAGIC, 0)
  header[4] = FLAGS_WRITTEN
  header[5] = BLOCK_SIZE_CODE_WRITTEN
  header[6] = checksumByte(header.subarray(headerChecksum === 'standard' ? 4 : 0, 6))
  return header
}

function checksumByte(descriptor: Uint8Array): number {
  return (xxhash32(descriptor) >>> 8) & 0xff
}

function encodeBlock(content: Uint8Array): Buffer[] {
  // The library puts the content's length before the block: four bytes that a frame does not have.
  const block = lz4().compressSync(asBuffer(content)).subarray(4)
  return block.length < content.length
    ? [littleEndian32(block.length), block]
    : [littleEndian32((content.length | UNCOMPRESSED_BIT) >>> 0), asBuffer(content)]
}

function littleEndian32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Any number of frames, blocks linked or not; every checksum that is there is checked. */
export function decompressLz4(
  bytes: Uint8Array,
  maxBytes: number,
  headerChecksum: Lz4HeaderChecksum = 'standard',
): Buffer {
  const reader = new FrameReader(asBuffer(bytes), maxBytes, headerChecksum)
  return reader.readAll()
}

interface FrameDescriptor {
  readonly linkedBlocks: boolean
  readonly blockChecksums: boolean
  readonly contentChecksum: boolean
  readonly contentBytes: number | null
  readonly maxBlockBytes: number
}

class FrameReader {
  readonly #bytes: Buffer
  readonly #output: Output
  readonly #headerChecksum: Lz4HeaderChecksum
  #position = 0

  constructor(bytes: Buffer, maxBytes: number, headerChecksum: Lz4HeaderChecksum) {
    this.#bytes = bytes
    this.#output = new Output(maxBytes)
    this.#headerChecksum = headerChecksum
  }

  readAll(): Buffer {
    do {
      const start = this.#position
      const magic = this.#uint32()
      if (magic === FRAME_MAGIC) this.#frame(start)
      else if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) this.#take(this.#uint32())
      else throw new CompressionError('corrupt', 'not an LZ4 frame')
    } while (this.#position < this.#bytes.length)
    return this.#output.from(0)
  }

  #frame(start: number): void {
    const descriptor = this.#descriptor(start)
    const firstByte = this.#output.sizeBytes
    for (let size = this.#uint32(); size !== 0; size = this.#uint32()) {
      const windowStart = Math.max(firstByte, this.#output.sizeBytes - WINDOW_BYTES)
      const window = descriptor.linkedBlocks ? this.#output.from(windowStart) : NO_WINDOW
      this.#output.append(this.#block(size, descriptor, window))
    }
    const content = this.#output.from(firstByte)
    if (descriptor.contentChecksum && this.#uint32() !== xxhash32(content)) {
      throw new CompressionError('corrupt', 'LZ4 content checksum does not match')
    }
    if (descriptor.contentBytes !== null && descriptor.contentBytes !== content.length) {
      throw new CompressionError('corrupt', 'LZ4 content size does not match')
    }
  }

  #descriptor(start: number): FrameDescriptor {
    const descriptorStart = this.#position
    const [flags = 0, sizes = 0] = this.#take(2)
    const maxBlockBytes = blockSizeOf((sizes >>> 4) & 0x07)
    if (flags >>> 6 !== 1 || (flags & 0x02) !== 0 || (sizes & 0x8f) !== 0 || maxBlockBytes === 0) {
      throw new CompressionError('corrupt', 'LZ4 frame descriptor is not of version 1')
    }
    if ((flags & 0x01) !== 0) {
      throw new CompressionError('corrupt', 'LZ4 frame needs a dictionary that nobody has')
    }
    const contentBytes = (flags & 0x08) !== 0 ? Number(this.#take(8).readBigUInt64LE()) : null
    if (contentBytes !== null) this.#output.expect(contentBytes)
    this.#checkHeader(start, descriptorStart)
    return {
      linkedBlocks: (flags & 0x20) === 0,
      blockChecksums: (flags & 0x10) !== 0,
      contentChecksum: (flags & 0x04) !== 0,
      contentBytes,
      maxBlockBytes,
    }
  }

  #checkHeader(start: number, descriptorStart: number): void {
    const end = this.#position
    const [checksum] = this.#take(1)
    if (this.#headerChecksum === 'with-magic') return
    if (checksum !== checksumByte(this.#bytes.subarray(descriptorStart, end))) {
      const wrong = checksum === checksumByte(this.#bytes.subarray(start, end))
      throw new CompressionError(
        'corrupt',
        wrong
          ? 'LZ4 header checksum is the one of message format 0'
          : 'LZ4 header checksum does not match',
      )
    }
  }

  #block(size: number, descriptor: FrameDescriptor, window: Buffer): Buffer {
    const storedBytes = size & ~UNCOMPRESSED_BIT
    if (storedBytes > descriptor.maxBlockBytes) {
      throw new CompressionError('corrupt', 'LZ4 block is larger than its frame allows')
    }
    const stored = this.#take(storedBytes)
    if (descriptor.blockChecksums && this.#uint32() !== xxhash32(stored)) {
      throw new CompressionError('corrupt', 'LZ4 block checksum does not match')
    }
    const isCompressed = (size & UNCOMPRESSED_BIT) === 0
    return isCompressed ? decodeBlock(stored, descriptor.maxBlockBytes, window) : stored
  }

  #uint32(): number {
    return this.#take(4).readUInt32LE()
  }

  #take(sizeBytes: number): Buffer {
    const end = this.#position + sizeBytes
    if (end > this.#bytes.length) throw new CompressionError('corrupt', 'LZ4 frame is cut off')
    const taken = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return taken
  }
}

/** 0 for a code that the format does not know. */
function blockSizeOf(code: number): number {
  return code < 4 ? 0 : 2 ** (8 + 2 * code)
}

/** The library takes the size of its output from four bytes before the block: here its upper bound. */
function decodeBlock(stored: Buffer, maxBlockBytes: number, window: Buffer): Buffer {
  const sized = Buffer.allocUnsafe(4 + stored.length)
  sized.writeUInt32LE(Math.min(maxBlockBytes, (stored.length + 1) * MAX_RATIO))
  stored.copy(sized, 4)
  const { uncompressSync } = lz4()
  try {
    return window.length === 0 ? uncompressSync(sized) : uncompressSync(sized, window)
  } catch (cause) {
    throw new CompressionError('corrupt', 'LZ4 block is damaged', { cause })
  }
}
