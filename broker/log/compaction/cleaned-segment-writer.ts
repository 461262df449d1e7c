import type { Disk, DiskFile } from '../../../kit/index.ts'
import { baseOffset, batchSizeBytes, maxTimestamp, recordCount } from '../batch.ts'
import { SegmentIndex } from '../segments/offset-index.ts'
import { Segment } from '../segments/segment.ts'

export interface CleanedSegmentOptions {
  readonly disk: Disk
  /** What is rewritten, in order; at least one. */
  readonly sources: readonly Segment[]
  readonly indexIntervalBytes: number
  /** Used for gathering small batches. */
  readonly buffer: Buffer
  /** Written but not synced bytes after which it is synced: one large sync would hold up the journal's. */
  readonly syncBytes: number
  /** Told of every write before it is made. */
  readonly onWrite: (sizeBytes: number) => Promise<void>
}

/**
 * Writes the segment that takes the place of others: a new file beside them, whose generation tells
 * it from every file of the same base offset. It is not part of the log before it is whole and
 * durable; what is left of an attempt, the next start removes, because no checkpoint names it.
 */
export class CleanedSegmentWriter {
  readonly segment: Segment
  readonly index = new SegmentIndex()
  readonly #options: CleanedSegmentOptions
  #file: DiskFile | undefined
  #bufferedBytes = 0
  #writtenBytes = 0
  #syncedBytes = 0
  #indexMaxMs = -1

  constructor(options: CleanedSegmentOptions) {
    this.#options = options
    this.segment = segmentLike(options.sources)
  }

  /** The directory must be there, and nobody else may write in it meanwhile. */
  async create(): Promise<void> {
    const { disk } = this.#options
    await disk.remove(this.segment.logPath)
    await disk.remove(this.segment.indexPath)
    this.#file = await disk.open(this.segment.logPath, 'create')
  }

  /** Copies the batch. Batches come in the order of their offsets. */
  async append(batch: Uint8Array): Promise<void> {
    const { buffer } = this.#options
    this.#note(batch)
    if (batch.length > buffer.length - this.#bufferedBytes) await this.#drain()
    if (batch.length > buffer.length) {
      await this.#write(batch)
      return
    }
    buffer.set(batch, this.#bufferedBytes)
    this.#bufferedBytes += batch.length
  }

  /** Makes the contents durable, not yet the name; the index needs no sync. */
  async finish(): Promise<void> {
    const { disk } = this.#options
    await this.#drain()
    await this.#file?.sync()
    await this.#close()
    const { segment, index } = this
    const file = await disk.open(segment.indexPath, 'create')
    try {
      await file.write([index.encode(0)], 0)
    } finally {
      await file.close()
    }
    segment.indexEntries = index.count
    segment.indexedPosition = index.lastPosition
    segment.syncedBytes = segment.sizeBytes
    segment.syncedOffset = segment.nextOffset
  }

  /** Removes what was written. What resists, the next start removes. */
  async discard(): Promise<void> {
    const { disk } = this.#options
    const steps = [
      () => this.#close(),
      () => disk.remove(this.segment.logPath),
      () => disk.remove(this.segment.indexPath),
    ]
    for (const step of steps) await step().catch(() => {})
  }

  #note(batch: Uint8Array): void {
    const { segment, index } = this
    const timestampMs = maxTimestamp(batch, 0)
    this.#indexMaxMs = Math.max(this.#indexMaxMs, timestampMs)
    const position = segment.sizeBytes
    if (index.count === 0 || position - index.lastPosition >= this.#options.indexIntervalBytes) {
      index.add(baseOffset(batch, 0), position, this.#indexMaxMs)
    }
    // A batch without records keeps a time that no record has any more.
    if (recordCount(batch, 0) > 0) {
      segment.maxTimestampMs = Math.max(segment.maxTimestampMs, timestampMs)
    }
    segment.sizeBytes += batchSizeBytes(batch, 0)
  }

  async #drain(): Promise<void> {
    if (this.#bufferedBytes === 0) return
    const bytes = this.#options.buffer.subarray(0, this.#bufferedBytes)
    await this.#write(bytes)
    this.#bufferedBytes = 0
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#options.onWrite(bytes.length)
    await this.#file?.write([bytes], this.#writtenBytes)
    this.#writtenBytes += bytes.length
    if (this.#writtenBytes - this.#syncedBytes < this.#options.syncBytes) return
    await this.#file?.sync()
    this.#syncedBytes = this.#writtenBytes
  }

  async #close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }
}

/** An empty segment over the offsets of the sources, as old as they are. */
function segmentLike(sources: readonly Segment[]): Segment {
  const first = sources[0]
  const last = sources.at(-1)
  if (first === undefined || last === undefined) throw new RangeError('nothing to rewrite')
  const generation = first.generation + 1
  const segment = new Segment(first.directory, first.baseOffset, generation, first.createdAtMs)
  segment.nextOffset = last.nextOffset
  segment.writtenAtMs = last.writtenAtMs
  return segment
}
