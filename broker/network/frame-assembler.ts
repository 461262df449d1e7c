/** Small chunks are gathered in blocks of this size, so that none of them keeps a buffer of its own. */
const BLOCK_BYTES = 16 * 1024
const SIZE_PREFIX_BYTES = 4

/** Why a peer's bytes cannot be frames. */
export type FrameFault =
  | { readonly kind: 'negative-size'; readonly sizeBytes: number }
  | { readonly kind: 'oversized'; readonly sizeBytes: number }

/**
 * Cuts a stream of chunks into frames: an int32 with the size, then that many bytes. The size is
 * checked before anything is kept. A frame inside one chunk is a view of it; one that spans several
 * is put together when its last byte is there (one copy), and what is held until then is never
 * much more than what has arrived.
 */
export class FrameAssembler {
  #maxFrameBytes: number
  readonly #prefix = Buffer.alloc(SIZE_PREFIX_BYTES)
  #prefixBytes = 0
  /** Size of the frame under way; -1 while its prefix is not whole. */
  #frameBytes = -1
  #pieces: Buffer[] = []
  #pieceBytes = 0
  /** Block that small chunks are gathered in, and how much of it is used. */
  #block: Buffer | undefined
  #blockBytes = 0

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Whether bytes of a frame have come that is not whole yet. */
  get isMidFrame(): boolean {
    return this.#prefixBytes > 0 || this.#frameBytes >= 0
  }

  /** Bytes held of a frame that is not whole. */
  get heldBytes(): number {
    return this.#pieceBytes
  }

  /** For the frames that begin from now on. */
  set maxFrameBytes(value: number) {
    this.#maxFrameBytes = value
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
      const end = Math.min(chunk.length, position + this.#frameBytes - this.#pieceBytes)
      if (end - position + this.#pieceBytes < this.#frameBytes) {
        this.#keep(chunk.subarray(position, end))
        return null
      }
      const frame = this.#finishFrame(chunk.subarray(position, end))
      position = end
      onFrame(frame)
    }
    return null
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

  #keep(bytes: Buffer): void {
    this.#pieceBytes += bytes.length
    if (bytes.length >= BLOCK_BYTES) {
      this.#closeBlock()
      this.#pieces.push(bytes)
      return
    }
    let taken = 0
    while (taken < bytes.length) {
      this.#block ??= Buffer.allocUnsafeSlow(BLOCK_BYTES)
      const copied = bytes.copy(this.#block, this.#blockBytes, taken)
      this.#blockBytes += copied
      taken += copied
      if (this.#blockBytes === BLOCK_BYTES) this.#closeBlock()
    }
  }

  #closeBlock(): void {
    if (this.#block && this.#blockBytes > 0) {
      this.#pieces.push(this.#block.subarray(0, this.#blockBytes))
    }
    this.#block = undefined
    this.#blockBytes = 0
  }

  #finishFrame(last: Buffer): Buffer {
    let frame = last
    if (this.#pieceBytes > 0) {
      this.#closeBlock()
      this.#pieces.push(last)
      frame = Buffer.concat(this.#pieces, this.#frameBytes)
      this.#pieces = []
      this.#pieceBytes = 0
    }
    this.#prefixBytes = 0
    this.#frameBytes = -1
    return frame
  }
}
