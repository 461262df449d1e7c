import { BATCH_HEADER_BYTES, baseOffset, batchSizeBytes, lastOffset, magic } from '../batch.ts'
import type { FileCache } from '../segments/file-cache.ts'
import type { IndexCache } from '../segments/index-cache.ts'
import { CorruptSegmentError } from '../segments/index-file.ts'
import type { Segment } from '../segments/segment.ts'
import { DirectReads } from './direct-reads.ts'
import type { DiskTurns } from './disk-turns.ts'
import type { Expected, Stretch } from './read-ahead.ts'
import { ReadAhead } from './read-ahead.ts'
import type { ReadBuffers } from './read-buffers.ts'
import { LARGEST_READ_BYTES } from './read-buffers.ts'
import type { ReadLanes } from './read-lanes.ts'
import type { ReadSession } from './read-session.ts'

export interface ColdReaderOptions {
  readonly files: FileCache
  readonly indexes: IndexCache
  readonly buffers: ReadBuffers
  readonly lanes: ReadLanes
  /** For reads of what is not cached. */
  readonly turns: DiskTurns
  /** Memory for what readers are expected to ask for next. */
  readonly aheadBytes: number
  /** Least that is read from a file where the first batch may be larger than what was asked for. */
  readonly readBytes: number
}

export interface ColdRequest {
  readonly offset: number
  /** Batches from here on are not for this reader. */
  readonly upperOffset: number
  readonly maxBytes: number
  /** Give one batch even when it is larger than `maxBytes`. */
  readonly mayExceed: boolean
  /** From this position of the segment on its bytes are probably in the page cache. */
  readonly cachedFrom: number
}

export interface ColdBatches {
  readonly pieces: readonly Uint8Array[]
  readonly sizeBytes: number
  readonly nextOffset: number
}

/** Batches that lie one after the other in what was read. */
interface Run {
  readonly end: number
  readonly nextOffset: number
  /** The request ends the run, not the bytes. */
  readonly isLast: boolean
}

/** Reads batches from segment files. */
export class ColdReader {
  /** Bytes read from files so far, those read ahead included. */
  readBytes = 0
  readonly #options: ColdReaderOptions
  readonly #ahead: ReadAhead
  readonly #direct: DirectReads

  constructor(options: ColdReaderOptions) {
    this.#options = options
    this.#direct = new DirectReads(options.files, options.turns)
    this.#ahead = new ReadAhead(options.buffers, options.aheadBytes, (...args) =>
      this.#readInto(...args),
    )
  }

  /**
   * Batches of one segment, from the one that holds `offset` (or the first after it). Undefined
   * when the segment has none. The session keeps the memory that they lie in.
   */
  async read(
    segment: Segment,
    request: ColdRequest,
    session: ReadSession,
  ): Promise<ColdBatches | undefined> {
    const endPosition = segment.sizeBytes
    const { cachedFrom } = request
    const expected = this.#ahead.take(segment, request.offset)
    let position = expected?.position ?? (await this.#positionOf(segment, request.offset))
    // Of a segment that failed meanwhile only what is left of it counts.
    let aheadBytes = (await bytesAhead(expected, session))?.subarray(0, endPosition - position)
    const found = { pieces: [] as Uint8Array[], sizeBytes: 0, nextOffset: request.offset }
    while (position < endPosition) {
      const leftBytes = request.maxBytes - found.sizeBytes
      const mayExceed = found.sizeBytes === 0 && request.mayExceed
      const sizeBytes = Math.min(this.#readBytesFor(leftBytes, mayExceed), endPosition - position)
      const stretch = { segment, position, sizeBytes, cachedFrom }
      const bytes = aheadBytes ?? (await this.#read(stretch, session))
      aheadBytes = undefined
      const start = skipTo(segment, bytes, position, request.offset)
      // Nothing of it reaches the offset: go on behind the batches that were seen.
      if (start + BATCH_HEADER_BYTES > bytes.length) {
        if (start === 0) throw new CorruptSegmentError(segment, position)
        position += start
        continue
      }
      const run = runFrom(segment, bytes, start, position, { ...request, leftBytes, mayExceed })
      if (run.end === start) {
        const isVisible = baseOffset(bytes, start) < request.upperOffset
        const mayHave = mayExceed || batchSizeBytes(bytes, start) <= leftBytes
        if (!mayHave || !isVisible || found.sizeBytes > 0) break
        return this.#readOne(segment, bytes, start, position, session)
      }
      found.pieces.push(session.keep(bytes.subarray(start, run.end)))
      found.sizeBytes += run.end - start
      found.nextOffset = run.nextOffset
      position += run.end
      const isWorthAnother = request.maxBytes - found.sizeBytes >= this.#options.readBytes
      if (run.isLast || !isWorthAnother) break
    }
    if (found.sizeBytes === 0 && position >= endPosition) return undefined
    this.#expectMore(segment, request, found.nextOffset, position, expected !== undefined)
    return found
  }

  async #positionOf(segment: Segment, offset: number): Promise<number> {
    const { indexes } = this.#options
    const index = indexes.peek(segment) ?? (await indexes.get(segment))
    return index.positionOf(offset)
  }

  /** Reads on for those who have gone on before, unless somebody waits for a lane. */
  #expectMore(
    segment: Segment,
    request: ColdRequest,
    offset: number,
    position: number,
    hasGoneOn: boolean,
  ): void {
    const { lanes, readBytes } = this.#options
    const leftBytes = segment.sizeBytes - position
    const isWorthIt = hasGoneOn && leftBytes >= readBytes && lanes.hasFree
    const wantedBytes = Math.min(Math.max(request.maxBytes, readBytes), LARGEST_READ_BYTES)
    const sizeBytes = isWorthIt ? Math.min(wantedBytes, leftBytes) : 0
    this.#ahead.expect(offset, { segment, position, sizeBytes, cachedFrom: request.cachedFrom })
  }

  /** What to read for `leftBytes` of batches: the index leads to some place before the first of them. */
  #readBytesFor(leftBytes: number, mayExceed: boolean): number {
    const { readBytes } = this.#options
    const wantedBytes = Math.ceil(leftBytes + readBytes / 4)
    return Math.min(mayExceed ? Math.max(readBytes, wantedBytes) : wantedBytes, LARGEST_READ_BYTES)
  }

  /** A single batch that is larger than what was read. */
  async #readOne(
    segment: Segment,
    bytes: Buffer,
    at: number,
    position: number,
    session: ReadSession,
  ): Promise<ColdBatches> {
    const sizeBytes = batchSizeBytes(bytes, at)
    const stretch = { segment, position: position + at, sizeBytes, cachedFrom: 0 }
    const batch = await this.#read(stretch, session)
    if (batch.length < sizeBytes) throw new CorruptSegmentError(segment, position + at)
    return { pieces: [batch], sizeBytes, nextOffset: lastOffset(batch) + 1 }
  }

  /** The bytes at a position of the segment, fewer at its end. */
  async #read(stretch: Stretch, session: ReadSession): Promise<Buffer> {
    const buffer = session.takeBuffer(stretch.sizeBytes)
    try {
      return await this.#readInto(stretch, buffer)
    } finally {
      // Not before: what is given back while the file is being read into it would be overwritten.
      session.hold(buffer)
    }
  }

  #readInto(stretch: Stretch, buffer: Buffer): Promise<Buffer> {
    return this.#options.lanes.run(async () => {
      const { segment, position, sizeBytes, cachedFrom } = stretch
      const path = segment.logPath
      if (position < cachedFrom) {
        const bytes = await this.#direct.read(path, position, sizeBytes, buffer)
        if (bytes !== undefined) {
          this.readBytes += bytes.length
          return bytes
        }
      }
      const target = buffer.subarray(0, sizeBytes)
      const count = await this.#options.files.use(path, (file) => file.read(target, position))
      this.readBytes += count
      return target.subarray(0, count)
    })
  }
}

/** What was read ahead for a reader, whose session keeps the memory from now on. */
async function bytesAhead(
  expected: Expected | undefined,
  session: ReadSession,
): Promise<Buffer | undefined> {
  if (expected?.ahead === undefined) return undefined
  const bytes = await expected.ahead.bytes
  session.hold(expected.ahead.buffer)
  return bytes
}

/** Where the first batch that ends at or above `offset` begins; past the end when it is not in `bytes`. */
function skipTo(segment: Segment, bytes: Buffer, position: number, offset: number): number {
  let at = 0
  while (at + BATCH_HEADER_BYTES <= bytes.length) {
    checkHeader(segment, bytes, at, position)
    if (lastOffset(bytes, at) >= offset) break
    at += batchSizeBytes(bytes, at)
  }
  return at
}

/** Whole batches from `start` that fit. */
function runFrom(
  segment: Segment,
  bytes: Buffer,
  start: number,
  position: number,
  request: ColdRequest & { readonly leftBytes: number },
): Run {
  let end = start
  let nextOffset = request.offset
  let isLast = false
  while (end + BATCH_HEADER_BYTES <= bytes.length) {
    checkHeader(segment, bytes, end, position)
    const after = end + batchSizeBytes(bytes, end)
    if (after > bytes.length) break
    const isAllowed = end === start && request.mayExceed
    isLast =
      (after - start > request.leftBytes && !isAllowed) ||
      lastOffset(bytes, end) >= request.upperOffset
    if (isLast) break
    nextOffset = lastOffset(bytes, end) + 1
    end = after
  }
  return { end, nextOffset, isLast }
}

/** The bytes at a position of the segment, fewer at its end, in memory of their own. */
export async function readAt(
  segment: Segment,
  files: FileCache,
  position: number,
  sizeBytes: number,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(sizeBytes)
  const count = await files.use(segment.logPath, (file) => file.read(bytes, position))
  return bytes.subarray(0, count)
}

function checkHeader(segment: Segment, bytes: Buffer, at: number, position: number): void {
  if (magic(bytes, at) === 2 && batchSizeBytes(bytes, at) >= BATCH_HEADER_BYTES) return
  throw new CorruptSegmentError(segment, position + at)
}
