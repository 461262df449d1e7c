import { Memory } from './memory.ts'

/** A stretch of the arena in the order of appends. Frames lie in it one after the other. */
export class Chunk {
  /** Place in the order of all chunks; a higher serial holds later appends. */
  readonly serial: number
  readonly memory: Memory
  /** Sequence of the first frame in it. */
  readonly firstSequence: number
  usedBytes = 0
  /** What still needs the bytes: frames that are not durable, batches that are not in a segment. */
  holds = 0
  /** Reads whose pieces point into it. */
  pins = 0
  /** Left the window while readers were still looking at it. */
  retired = false

  constructor(serial: number, memory: Memory, firstSequence: number) {
    this.serial = serial
    this.memory = memory
    this.firstSequence = firstSequence
  }

  get freeBytes(): number {
    return this.memory.sizeBytes - this.usedBytes
  }
}

export interface ArenaOptions {
  readonly chunkBytes: number
  readonly limitBytes: number
  /** Part of the limit that only privileged reservations may use. */
  readonly reserveBytes: number
  readonly onMemoryAdded: (memory: Memory) => void
  readonly onMemoryRemoved: (memory: Memory) => void
}

/**
 * The memory behind the hot window: a queue of chunks, filled at one end and recycled at the other
 * once nothing holds the oldest one. Bounded: when the oldest chunk is still held, `reserve`
 * answers nothing and the caller waits. A chunk that a slow reader still looks at is retired: its
 * memory leaves the window and comes back with the last release, so that readers never stop writers.
 */
export class Arena {
  readonly #options: ArenaOptions
  readonly #chunks: Chunk[] = []
  /** Chunks before this place of `#chunks` are gone; the array is shortened now and then. */
  #first = 0
  readonly #free: Memory[] = []
  #nextSerial = 0
  #nextMemoryId = 1
  #liveBytes = 0
  #retiredBytes = 0

  constructor(options: ArenaOptions) {
    this.#options = options
  }

  /** Batches in chunks with a lower serial are not in memory any more. */
  get oldestSerial(): number {
    return this.#nextSerial - (this.#chunks.length - this.#first)
  }

  /** Backing memory in use, in bytes: the window, what waits for slow readers, and the free list. */
  get sizeBytes(): number {
    return this.#liveBytes + this.#retiredBytes + this.#free.length * this.#options.chunkBytes
  }

  get retiredBytes(): number {
    return this.#retiredBytes
  }

  /** True when so much memory waits for slow readers that new reads should copy instead. */
  get readersShouldCopy(): boolean {
    return this.#retiredBytes > this.#options.limitBytes / 4
  }

  /** How much of what ordinary reservations may use is taken by chunks from the oldest held one on, from 0 to 1. */
  get pressure(): number {
    const { limitBytes, reserveBytes } = this.#options
    const current = this.#chunks.at(-1)
    if (this.#liveBytes === 0 || current === undefined) return 0
    let takenBytes = this.#liveBytes - current.freeBytes
    for (let i = this.#first; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i]
      if (chunk === undefined || chunk.holds > 0) break
      takenBytes -= chunk === current ? chunk.usedBytes : chunk.memory.sizeBytes
    }
    return Math.min(1, takenBytes / (limitBytes - reserveBytes))
  }

  /** The chunk with that serial, which must not be older than `oldestSerial`. */
  chunk(serial: number): Chunk {
    const chunk = this.#chunks[this.#first + serial - this.oldestSerial]
    if (chunk === undefined) throw new RangeError(`chunk ${serial} left the hot window`)
    return chunk
  }

  /** The oldest chunk that something still needs. */
  oldestHeld(): Chunk | undefined {
    for (let i = this.#first; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i]
      if (chunk !== undefined && chunk.holds > 0) return chunk
    }
    return undefined
  }

  /**
   * A chunk with room for `sizeBytes` at `usedBytes`, which the caller advances by what it used.
   * `nextSequence` is that of the frame to come. Undefined when the window is full.
   */
  reserve(sizeBytes: number, nextSequence: number, privileged: boolean): Chunk | undefined {
    const { limitBytes, reserveBytes } = this.#options
    const current = this.#chunks.length > this.#first ? this.#chunks.at(-1) : undefined
    // A chunk that was begun out of the reserve is for those whom the reserve is for.
    const isOpen = privileged || this.#liveBytes <= limitBytes - reserveBytes
    if (current !== undefined && isOpen && current.freeBytes >= sizeBytes) return current
    const memory = this.#takeMemory(sizeBytes, privileged)
    if (memory === undefined) return undefined
    const chunk = new Chunk(this.#nextSerial++, memory, nextSequence)
    this.#chunks.push(chunk)
    this.#liveBytes += memory.sizeBytes
    return chunk
  }

  /** The next reservation begins a new chunk, which knows the sequence of its own first frame. */
  beginAnew(): void {
    const current = this.#chunks.length > this.#first ? this.#chunks.at(-1) : undefined
    if (current !== undefined) current.usedBytes = current.memory.sizeBytes
  }

  unpin(chunk: Chunk): void {
    chunk.pins--
    if (!chunk.retired || chunk.pins > 0) return
    this.#retiredBytes -= chunk.memory.sizeBytes
    this.#reuse(chunk.memory)
  }

  #takeMemory(sizeBytes: number, privileged: boolean): Memory | undefined {
    const { chunkBytes, limitBytes, reserveBytes } = this.#options
    const wantedBytes = Math.max(chunkBytes, roundUp(sizeBytes, 4096))
    const limit = privileged ? limitBytes : limitBytes - reserveBytes
    while (this.#liveBytes > 0 && this.#liveBytes + wantedBytes > limit) {
      if (!this.#recycleOldest()) return undefined
    }
    const free = wantedBytes === chunkBytes ? this.#free.pop() : undefined
    if (free !== undefined) return free
    const memory = new Memory(this.#nextMemoryId++, wantedBytes)
    this.#options.onMemoryAdded(memory)
    return memory
  }

  #recycleOldest(): boolean {
    const oldest = this.#chunks[this.#first]
    if (oldest === undefined || oldest.holds > 0) return false
    this.#first++
    if (this.#first > 64 && this.#first * 2 > this.#chunks.length) {
      this.#chunks.splice(0, this.#first)
      this.#first = 0
    }
    this.#liveBytes -= oldest.memory.sizeBytes
    if (oldest.pins === 0) {
      this.#reuse(oldest.memory)
    } else {
      oldest.retired = true
      this.#retiredBytes += oldest.memory.sizeBytes
    }
    return true
  }

  #reuse(memory: Memory): void {
    const { chunkBytes, limitBytes } = this.#options
    const kept = memory.sizeBytes === chunkBytes && this.#liveBytes + this.#freeBytes() < limitBytes
    if (kept) this.#free.push(memory)
    else this.#options.onMemoryRemoved(memory)
  }

  #freeBytes(): number {
    return this.#free.length * this.#options.chunkBytes
  }
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}
