import type { FrameBuffers } from './frame-buffers.ts'

const SIZE_PREFIX_BYTES = 4
/** A rest that is larger is received where it belongs; a smaller one comes with what follows it, and is copied. */
const RECEIVE_IN_PLACE_BYTES = 64 * 1024

/** Why a peer's bytes cannot be frames. */
export type FrameFault =
  | { readonly kind: 'negative-size'; readonly sizeBytes: number }
  | { readonly kind: 'oversized'; readonly sizeBytes: number }

/**
 * Cuts a stream of chunks into frames: an int32 with the size, then that many bytes. The size is
 * checked before anything is kept. A frame is lent for the time of the call that gives it: it is a
 * view of the chunk, or, when it spans several, of a buffer that the next frame will use. What is
 * held of a frame that is not whole is never more than twice what has arrived, and some.
 */
export class FrameAssembler {
  #maxFrameBytes: number
  readonly #buffers: FrameBuffers
  readonly #prefix = Buffer.alloc(SIZE_PREFIX_BYTES)
  #prefixBytes = 0
  /** Size of the frame under way; -1 while its prefix is not whole. */
  #frameBytes = -1
  /** What has come of a frame that spans chunks. */
  #partial: Buffer | undefined
  #partialBytes = 0

  constructor(maxFrameBytes: number, buffers: FrameBuffers) {
    this.#maxFrameBytes = maxFrameBytes
    this.#buffers = buffers
  }

  /** Whether bytes of a frame have come that is not whole yet. */
  get isMidFrame(): boolean {
    return this.#prefixBytes > 0 || this.#frameBytes >= 0
  }

  /** Bytes held of a frame that is not whole. */
  get heldBytes(): number {
    return this.#partialBytes
  }

  get maxFrameBytes(): number {
    return this.#maxFrameBytes
  }

  /** For the frames that begin from now on. */
  set maxFrameBytes(value: number) {
    this.#maxFrameBytes = value
  }

  /** Where the next chunk is best received: undefined for a place that all connections share. */
  get space(): Buffer | undefined {
    const partial = this.#partial
    if (partial === undefined) return undefined
    const end = Math.min(partial.length, this.#frameBytes)
    if (end - this.#partialBytes < RECEIVE_IN_PLACE_BYTES) return undefined
    return partial.subarray(this.#partialBytes, end)
  }

  /**
   * Takes the next chunk and calls `onFrame` for each frame that got whole. After a fault the stream
   * has no known frame boundary any more, and the connection is to be closed.
   */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): FrameFault | null {
    let position = 0
    while (position < chunk.length) {
      if (this.#frameBytes < 0) {
        position = this.#readPrefix(chunk, position)
        if (this.#prefixBytes < SIZE_PREFIX_BYTES) return null
        const fault = this.#beginFrame()
        if (fault) return fault
      }
      const end = Math.min(chunk.length, position + this.#frameBytes - this.#partialBytes)
      const isWhole = end - position + this.#partialBytes === this.#frameBytes
      if (!isWhole || this.#partial) this.#keep(chunk, position, end)
      if (!isWhole) return null
      this.#finishFrame(chunk, position, end, onFrame)
      position = end
    }
    return null
  }

  /** Nothing more will come. */
  close(): void {
    if (this.#partial) this.#buffers.give(this.#partial)
    this.#partial = undefined
    this.#partialBytes = 0
  }

  #readPrefix(chunk: Buffer, position: number): number {
    const end = Math.min(chunk.length, position + SIZE_PREFIX_BYTES - this.#prefixBytes)
    chunk.copy(this.#prefix, this.#prefixBytes, position, end)
    this.#prefixBytes += end - position
    return end
  }

  #beginFrame(): FrameFault | null {
    const sizeBytes = this.#prefix.readInt32BE(0)
    if (sizeBytes < 0) return { kind: 'negative-size', sizeBytes }
    if (sizeBytes > this.#maxFrameBytes) return { kind: 'oversized', sizeBytes }
    this.#frameBytes = sizeBytes
    return null
  }

  #keep(chunk: Buffer, position: number, end: number): void {
    if (position === end) return
    const partial = this.#roomFor(end - position)
    // Received in place: the bytes are there already.
    if (chunk.buffer !== partial.buffer) chunk.copy(partial, this.#partialBytes, position, end)
    this.#partialBytes += end - position
  }

  /** The partial frame with room for so many more bytes; it grows with what arrives, not with what was announced. */
  #roomFor(moreBytes: number): Buffer {
    const neededBytes = this.#partialBytes + moreBytes
    const former = this.#partial
    if (former && former.length >= neededBytes) return former
    const partial = this.#buffers.take(Math.min(this.#frameBytes, neededBytes * 2))
    if (former) {
      former.copy(partial, 0, 0, this.#partialBytes)
      this.#buffers.give(former)
    }
    this.#partial = partial
    return partial
  }

  #finishFrame(
    chunk: Buffer,
    position: number,
    end: number,
    onFrame: (frame: Buffer) => void,
  ): void {
    const partial = this.#partial
    const frame = partial?.subarray(0, this.#frameBytes) ?? chunk.subarray(position, end)
    this.#prefixBytes = 0
    this.#frameBytes = -1
    this.#partialBytes = 0
    this.#partial = undefined
    onFrame(frame)
    if (partial) this.#buffers.give(partial)
  }
}
