import type { Segment } from '../segments/segment.ts'
import type { ReadBuffers } from './read-buffers.ts'

/** Places that readers are expected at next; beyond it the oldest is forgotten. */
const MAX_EXPECTED = 64

/** Where a reader is expected, and perhaps what it will find there. */
export interface Expected {
  readonly segment: Segment
  readonly offset: number
  readonly position: number
  readonly ahead: Ahead | undefined
}

interface Ahead {
  readonly buffer: Buffer
  /** The bytes read into `buffer`; undefined when reading failed, so that the reader tries itself. */
  readonly bytes: Promise<Buffer | undefined>
}

/** A stretch of a segment. */
export interface Stretch {
  readonly segment: Segment
  readonly position: number
  readonly sizeBytes: number
  /** From this position of the segment on its bytes are probably in the page cache. */
  readonly cachedFrom: number
}

/** Reads a stretch into a buffer and answers the part that was filled. */
export type ReadInto = (stretch: Stretch, buffer: Buffer) => Promise<Buffer>

/**
 * Reads what a reader far behind will ask for next while the client still takes what it got last,
 * so that disk and network work at the same time. A reader that goes on where a read ended is taken for
 * one that will do so again. What nobody comes for is forgotten when others need the place.
 */
export class ReadAhead {
  readonly #buffers: ReadBuffers
  readonly #maxBytes: number
  readonly #readInto: ReadInto
  /** Oldest first. */
  readonly #expected: Expected[] = []
  #aheadBytes = 0

  constructor(buffers: ReadBuffers, maxBytes: number, readInto: ReadInto) {
    this.#buffers = buffers
    this.#maxBytes = maxBytes
    this.#readInto = readInto
  }

  /** Memory of what was read ahead and not asked for yet. */
  get aheadBytes(): number {
    return this.#aheadBytes
  }

  /** What was expected of a reader at this offset. The buffer, if any, is the caller's from now on. */
  take(segment: Segment, offset: number): Expected | undefined {
    const index = this.#expected.findIndex(
      (expected) => expected.offset === offset && expected.segment === segment,
    )
    if (index < 0) return undefined
    const [expected] = this.#expected.splice(index, 1)
    this.#aheadBytes -= expected?.ahead?.buffer.length ?? 0
    return expected
  }

  /** A reader got what lies before, and will probably ask for this from `offset` on. Reads it, unless it is empty. */
  expect(offset: number, stretch: Stretch): void {
    const { segment, position } = stretch
    const ahead = stretch.sizeBytes > 0 ? this.#begin(stretch) : undefined
    this.#expected.push({ segment, offset, position, ahead })
    this.#aheadBytes += ahead?.buffer.length ?? 0
    while (this.#expected.length > MAX_EXPECTED) this.#forgetOldest()
    while (this.#aheadBytes > this.#maxBytes) this.#forgetOldest()
  }

  #begin(stretch: Stretch): Ahead {
    const buffer = this.#buffers.take(stretch.sizeBytes)
    return { buffer, bytes: this.#readInto(stretch, buffer).catch(() => undefined) }
  }

  #forgetOldest(): void {
    const ahead = this.#expected.shift()?.ahead
    if (ahead === undefined) return
    this.#aheadBytes -= ahead.buffer.length
    // Not before: it may still be being filled.
    void ahead.bytes.then(() => this.#buffers.give(ahead.buffer))
  }
}
