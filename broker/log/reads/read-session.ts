import type { Arena, Chunk } from '../memory/arena.ts'
import type { PartitionRead, ReadLimits, ReadRequest, ReadResult } from '../port.ts'
import type { ReadBuffers } from './read-buffers.ts'

/** A buffer may be held for a part of it that is so many times smaller. */
const LARGEST_WASTE = 8

/** What one request may take. */
export interface Allowance {
  readonly bytes: number
  /** The first batch may be larger. */
  readonly mayExceed: boolean
}

/** One call of `read`: what it may still take, what it found, and the memory that this lies in. */
export class ReadSession implements ReadResult {
  readonly partitions: PartitionRead[] = []
  readonly limits: ReadLimits
  readonly #arena: Arena
  readonly #buffers: ReadBuffers
  readonly #pinned: Chunk[] = []
  readonly #held: Buffer[] = []
  sizeBytes = 0
  #released = false

  constructor(arena: Arena, buffers: ReadBuffers, limits: ReadLimits) {
    this.#arena = arena
    this.#buffers = buffers
    this.limits = limits
  }

  get leftBytes(): number {
    return this.limits.maxBytes - this.sizeBytes
  }

  /** Whether a batch that exceeds what is left is given all the same: once per read. */
  get mayExceed(): boolean {
    return this.limits.atLeastOne && this.sizeBytes === 0
  }

  allowanceFor(request: ReadRequest): Allowance {
    return { bytes: Math.min(request.maxBytes, this.leftBytes), mayExceed: this.mayExceed }
  }

  /** Keeps the chunk's bytes as they are until `release`. */
  pin(chunk: Chunk): void {
    // Batches come in order, so the same chunk mostly comes in a row; a second pin does no harm.
    if (this.#pinned.at(-1) === chunk) return
    chunk.pins++
    this.#pinned.push(chunk)
  }

  /** Memory of at least `sizeBytes`; to be given to `hold` once it is filled. */
  takeBuffer(sizeBytes: number): Buffer {
    return this.#buffers.take(sizeBytes)
  }

  /** Keeps the buffer's bytes as they are until `release`; a session that failed has released already. */
  hold(buffer: Buffer): void {
    if (this.#released) this.#buffers.give(buffer)
    else this.#held.push(buffer)
  }

  /**
   * The part of a held buffer that somebody asked for, in memory of its own when it is so little that
   * a client that does not read its responses would keep many times what it was given.
   */
  keep(part: Buffer): Buffer {
    const index = this.#held.findIndex(({ buffer }) => buffer === part.buffer)
    const held = this.#held[index]
    if (held === undefined || part.length * LARGEST_WASTE >= held.length) return part
    const copy = Buffer.from(part)
    this.#held.splice(index, 1)
    this.#buffers.give(held)
    return copy
  }

  add(read: PartitionRead): void {
    this.partitions.push(read)
    if (read.kind === 'records') this.sizeBytes += read.sizeBytes
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    for (const chunk of this.#pinned) this.#arena.unpin(chunk)
    this.#pinned.length = 0
    for (const buffer of this.#held) this.#buffers.give(buffer)
    this.#held.length = 0
  }
}
