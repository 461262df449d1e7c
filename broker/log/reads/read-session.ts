import type { Arena, Chunk } from '../memory/arena.ts'
import type { PartitionRead, ReadLimits, ReadRequest, ReadResult } from '../port.ts'

/** What one request may take. */
export interface Allowance {
  readonly bytes: number
  /** The first batch may be larger. */
  readonly mayExceed: boolean
}

/** One call of `read`: what it may still take, what it found, and the chunks it looks at. */
export class ReadSession implements ReadResult {
  readonly partitions: PartitionRead[] = []
  readonly limits: ReadLimits
  readonly #arena: Arena
  readonly #pinned: Chunk[] = []
  sizeBytes = 0
  #released = false

  constructor(arena: Arena, limits: ReadLimits) {
    this.#arena = arena
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

  add(read: PartitionRead): void {
    this.partitions.push(read)
    if (read.kind === 'records') this.sizeBytes += read.sizeBytes
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    for (const chunk of this.#pinned) this.#arena.unpin(chunk)
    this.#pinned.length = 0
  }
}
