import type { Arena } from '../memory/arena.ts'
import type { Partition } from '../partition/partition.ts'
import type { Segment } from './segment.ts'
import { MAX_OFFSET_SPAN } from './segment.ts'

/** Batches smaller than this are gathered into one piece: a copy costs less than a piece of its own. */
const GATHER_BELOW_BYTES = 8 * 1024
/** Buffers for gathering that are kept: enough for the lanes of ordinary times. */
const KEPT_BUFFERS = 4
const MAX_PIECES = 512

/** Batches that one write takes to one segment. */
export interface Gathered {
  /** Holds the small ones, if there are any; nothing else may use it before the write is over. */
  readonly buffer: Buffer | undefined
  readonly pieces: Uint8Array[]
  readonly fromIndex: number
  readonly toIndex: number
  readonly sizeBytes: number
}

/**
 * Puts together what one write takes from the hot window to a segment: views of large batches, and
 * copies of small ones.
 *
 * The copies go to buffers that are used again. Left to the garbage collector, they would fill it
 * with hundreds of megabytes a second of memory outside of its heap, and have it look through the
 * whole heap again and again.
 */
export class Gatherer {
  readonly #arena: Arena
  readonly #writeBytes: number
  readonly #idleBuffers: Buffer[] = []

  constructor(arena: Arena, writeBytes: number) {
    this.#arena = arena
    this.#writeBytes = writeBytes
  }

  /** The next durable batches of the partition, of which there is one; `release` them after the write. */
  gather(partition: Partition, segment: Segment): Gathered {
    const { hot, durableOffset, config } = partition
    const fromIndex = hot.unwritten
    const room = Math.max(config.segmentBytes - segment.sizeBytes, hot.sizeBytes(fromIndex))
    const limit = Math.min(room, Math.max(this.#writeBytes, hot.sizeBytes(fromIndex)))
    let buffer: Buffer | undefined
    const pieces: Uint8Array[] = []
    let index = fromIndex
    let sizeBytes = 0
    let smallFrom = index
    let bufferedBytes = 0
    const takeSmall = (): void => {
      if (smallFrom < index) {
        buffer ??= this.#takeBuffer()
        const endBytes = this.#copy(partition, smallFrom, index, buffer, bufferedBytes)
        pieces.push(buffer.subarray(bufferedBytes, endBytes))
        bufferedBytes = endBytes
      }
      smallFrom = index
    }
    while (index < hot.end && hot.nextOffset(index) <= durableOffset) {
      const batchBytes = hot.sizeBytes(index)
      const spans = hot.nextOffset(index) - segment.baseOffset > MAX_OFFSET_SPAN
      if (sizeBytes + batchBytes > limit || spans || pieces.length >= MAX_PIECES) break
      if (batchBytes >= GATHER_BELOW_BYTES) {
        takeSmall()
        const { bytes } = this.#arena.chunk(hot.chunkSerial(index)).memory
        pieces.push(bytes.subarray(hot.position(index), hot.position(index) + batchBytes))
        smallFrom = index + 1
      }
      sizeBytes += batchBytes
      index++
    }
    takeSmall()
    return { buffer, pieces, fromIndex, toIndex: index, sizeBytes }
  }

  #takeBuffer(): Buffer {
    // One small batch alone may be more than a write should take.
    const sizeBytes = Math.max(this.#writeBytes, GATHER_BELOW_BYTES)
    return this.#idleBuffers.pop() ?? Buffer.allocUnsafeSlow(sizeBytes)
  }

  /** Its write is over, well or not. */
  release({ buffer }: Gathered): void {
    if (buffer === undefined || this.#idleBuffers.length >= KEPT_BUFFERS) return
    this.#idleBuffers.push(buffer)
  }

  /** Copies batches to `at` of the buffer; answers where they end. */
  #copy(
    partition: Partition,
    fromIndex: number,
    toIndex: number,
    buffer: Buffer,
    at: number,
  ): number {
    const { hot } = partition
    let end = at
    for (let index = fromIndex; index < toIndex; index++) {
      const { bytes } = this.#arena.chunk(hot.chunkSerial(index)).memory
      const position = hot.position(index)
      end += bytes.copy(buffer, end, position, position + hot.sizeBytes(index))
    }
    return end
  }
}
