import type { Clock, Disk } from '../../../kit/index.ts'
import { codeOf } from '../errors.ts'
import type { Arena } from '../memory/arena.ts'
import type { Partition } from '../partition/partition.ts'
import type { LogConfig } from '../port.ts'
import type { FileCache } from './file-cache.ts'
import type { IndexCache } from './index-cache.ts'
import { INDEX_ENTRY_BYTES, SegmentIndex } from './offset-index.ts'
import { MAX_OFFSET_SPAN, Segment } from './segment.ts'
import { SharedDirectories } from './shared-directories.ts'

/** Batches smaller than this are gathered into one piece: a copy costs less than a piece of its own. */
const GATHER_BELOW_BYTES = 8 * 1024
/** Buffers for gathering that are kept: enough for the lanes of ordinary times. */
const KEPT_BUFFERS = 4
const MAX_PIECES = 512
/** Entries that wait in memory for a write to the index file; lost ones only make a reader scan. */
const INDEX_WRITE_ENTRIES = 64

export interface SegmentWriterOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly arena: Arena
  readonly files: FileCache
  readonly indexes: IndexCache
  readonly writeBytes: number
  /** Nothing is ever removed or renamed above it. */
  readonly topicsDirectory: string
}

/**
 * A directory that others share could not be synced. Which of its new names are lost is unknown, and
 * syncing it again does not bring them back: only a restart, which makes them anew, does.
 */
export class LostDirectoryError extends Error {
  override readonly name = 'LostDirectoryError'
}

/** Nobody knows what is durable of what was written since the last good sync. */
export class SyncError extends Error {
  override readonly name = 'SyncError'
}

/** Batches that one write takes to one segment. */
interface Gathered {
  /** Holds the small ones, if there are any; nothing else may use it before the write is over. */
  readonly buffer: Buffer | undefined
  readonly pieces: Uint8Array[]
  readonly fromIndex: number
  readonly toIndex: number
  readonly sizeBytes: number
}

/**
 * Moves durable batches from the hot window to segment files. All methods run inside the
 * partition's `exclusive`. A file that failed is never written again (see `distrust`).
 */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions
  /** Directories whose own name is known to be durable. */
  readonly #durableDirectories = new Set<string>()
  /** Syncs of directories that logs share. */
  readonly #sharedDirectories: SharedDirectories
  /**
   * Left to the garbage collector, these would fill it with hundreds of megabytes a second of
   * memory outside of its heap, and have it look through the whole heap again and again.
   */
  readonly #idleBuffers: Buffer[] = []
  /** Partitions with bytes or names that are not synced. */
  readonly unsynced = new Set<Partition>()
  writtenBytes = 0
  syncCount = 0

  constructor(options: SegmentWriterOptions) {
    this.#options = options
    this.#sharedDirectories = new SharedDirectories(options.disk)
  }

  /**
   * Writes the next durable batches of the partition with one write; answers their bytes, 0 when
   * there are none. Rejects with the disk's error; the batches then still count as unwritten.
   */
  async writeSome(partition: Partition): Promise<number> {
    if (partition.state !== 'open' || !this.#hasDurable(partition)) return 0
    const segment = await this.#writable(partition)
    const gathered = this.#gather(partition, segment)
    const { files } = this.#options
    const position = segment.sizeBytes
    try {
      await files.use(segment.logPath, (file) => file.write(gathered.pieces, position))
    } finally {
      this.#giveBuffer(gathered.buffer)
    }
    this.#noteWritten(partition, segment, gathered)
    if (segment.pendingIndex.count >= INDEX_WRITE_ENTRIES) await this.#writeIndex(segment)
    this.writtenBytes += gathered.sizeBytes
    return gathered.sizeBytes
  }

  /** Makes everything written of the partition durable. */
  async sync(partition: Partition): Promise<void> {
    const segment = partition.activeSegment
    if (segment === undefined || segment.isSynced || partition.state === 'dropped') {
      this.unsynced.delete(partition)
      return
    }
    const { sizeBytes, nextOffset } = segment
    try {
      await this.#options.files.use(segment.logPath, (file) => file.sync())
      this.syncCount++
      if (!segment.nameSynced) await this.#syncNames(partition)
    } catch (cause) {
      if (cause instanceof LostDirectoryError) throw cause
      throw new SyncError(`could not sync ${segment.logPath}`, { cause })
    }
    segment.nameSynced = true
    segment.syncedBytes = sizeBytes
    segment.syncedOffset = nextOffset
    this.unsynced.delete(partition)
  }

  /**
   * After a failed write or sync: what the kernel kept of the file since its last good sync is
   * unknown. The segment ends where it was last synced, and the batches since then count as
   * unwritten again; they go to a new file. Answers false when some of them left the hot window, so
   * that only the journal still has them.
   */
  distrust(partition: Partition): boolean {
    const { arena, files, indexes } = this.#options
    const segment = partition.activeSegment
    if (segment === undefined) return true
    files.forget(segment.logPath)
    files.forget(segment.indexPath)
    const { hot } = partition
    const from = hot.find(segment.syncedOffset)
    const isLost = segment.nextOffset > segment.syncedOffset && from >= hot.unwritten
    if (isLost || (from < hot.unwritten && !this.#isInMemory(partition, from))) return false
    for (let index = from; index < hot.unwritten; index++) {
      arena.chunk(hot.chunkSerial(index)).holds++
      partition.unwrittenBytes += hot.sizeBytes(index)
    }
    hot.unwritten = Math.min(hot.unwritten, from)
    partition.segmentBytes -= segment.sizeBytes - segment.syncedBytes
    partition.rollNext = true
    this.unsynced.delete(partition)
    indexes.forget(segment)
    if (segment.syncedBytes === 0) {
      partition.segments.pop()
      segment.removed = true
      partition.nextGeneration = Math.max(partition.nextGeneration, segment.generation + 1)
      return true
    }
    segment.sizeBytes = segment.syncedBytes
    segment.nextOffset = segment.syncedOffset
    segment.indexEntries = -1
    segment.pendingIndex = new SegmentIndex(0)
    return true
  }

  #isInMemory(partition: Partition, index: number): boolean {
    const segment = partition.activeSegment
    const { hot } = partition
    if (hot.chunkSerial(index) < this.#options.arena.oldestSerial) return false
    return segment === undefined || hot.baseOffset(index) <= segment.syncedOffset
  }

  #hasDurable(partition: Partition): boolean {
    const { hot } = partition
    return hot.unwritten < hot.end && hot.nextOffset(hot.unwritten) <= partition.durableOffset
  }

  /** The segment that the next batch goes to; begins a new one when it must. */
  async #writable(partition: Partition): Promise<Segment> {
    const active = partition.activeSegment
    if (active !== undefined && !this.#mustRoll(partition, active)) {
      // Entries are added behind those that are there, so their number must be known.
      if (active.indexEntries < 0) await this.#options.indexes.get(active)
      return active
    }
    if (active !== undefined) {
      // At most one segment of a partition is ever not durable.
      await this.sync(partition)
      await this.#writeIndex(active)
      this.#options.files.forget(active.indexPath)
    }
    return this.#begin(partition)
  }

  #mustRoll(partition: Partition, active: Segment): boolean {
    if (partition.rollNext) return true
    if (active.isEmpty) return false
    const { hot, config } = partition
    const next = hot.unwritten
    return (
      active.sizeBytes + hot.sizeBytes(next) > config.segmentBytes ||
      hot.nextOffset(next) - active.baseOffset > MAX_OFFSET_SPAN ||
      this.#options.clock.now() - active.createdAtMs >= longestSegmentMs(config)
    )
  }

  async #begin(partition: Partition): Promise<Segment> {
    const { disk, clock, indexes } = this.#options
    const baseOffset = partition.hot.baseOffset(partition.hot.unwritten)
    const { directory } = partition
    const segment = new Segment(directory, baseOffset, partition.nextGeneration, clock.now())
    if (partition.segments.length === 0) await disk.makeDirectory(directory)
    await this.#createAnew(segment.logPath)
    indexes.put(segment, new SegmentIndex())
    partition.segments.push(segment)
    partition.rollNext = false
    partition.nextGeneration = 0
    this.unsynced.add(partition)
    return segment
  }

  /** A file of that name is the leftover of an attempt that failed half way. */
  async #createAnew(path: string): Promise<void> {
    const { disk, files } = this.#options
    files.forget(path)
    try {
      await files.create(path, async () => {})
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      await disk.remove(path)
      await files.create(path, async () => {})
    }
  }

  #gather(partition: Partition, segment: Segment): Gathered {
    const { hot, durableOffset, config } = partition
    const { arena, writeBytes } = this.#options
    const fromIndex = hot.unwritten
    const room = Math.max(config.segmentBytes - segment.sizeBytes, hot.sizeBytes(fromIndex))
    const limit = Math.min(room, Math.max(writeBytes, hot.sizeBytes(fromIndex)))
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
        const { bytes } = arena.chunk(hot.chunkSerial(index)).memory
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
    const sizeBytes = Math.max(this.#options.writeBytes, GATHER_BELOW_BYTES)
    return this.#idleBuffers.pop() ?? Buffer.allocUnsafeSlow(sizeBytes)
  }

  #giveBuffer(buffer: Buffer | undefined): void {
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
      const { bytes } = this.#options.arena.chunk(hot.chunkSerial(index)).memory
      const position = hot.position(index)
      end += bytes.copy(buffer, end, position, position + hot.sizeBytes(index))
    }
    return end
  }

  #noteWritten(partition: Partition, segment: Segment, gathered: Gathered): void {
    const { arena, indexes, clock } = this.#options
    const { hot } = partition
    for (let index = gathered.fromIndex; index < gathered.toIndex; index++) {
      const position = segment.sizeBytes
      segment.maxTimestampMs = Math.max(segment.maxTimestampMs, hot.maxTimestampMs(index))
      const isFirst = segment.indexedPosition < 0
      if (isFirst || position - segment.indexedPosition >= indexes.intervalBytes) {
        segment.indexedPosition = position
        segment.pendingIndex.add(hot.baseOffset(index), position, segment.maxTimestampMs)
        indexes.add(segment, hot.baseOffset(index), position, segment.maxTimestampMs)
      }
      segment.sizeBytes += hot.sizeBytes(index)
      segment.nextOffset = hot.nextOffset(index)
      arena.chunk(hot.chunkSerial(index)).holds--
    }
    segment.writtenAtMs = clock.now()
    hot.unwritten = gathered.toIndex
    partition.unwrittenBytes -= gathered.sizeBytes
    partition.segmentBytes += gathered.sizeBytes
    this.unsynced.add(partition)
  }

  /** The index is a help that can be rebuilt: an error of its file is not one of the log's. */
  async #writeIndex(segment: Segment): Promise<void> {
    const added = segment.pendingIndex
    if (added.count === 0) return
    segment.pendingIndex = new SegmentIndex(0)
    const position = segment.indexEntries * INDEX_ENTRY_BYTES
    segment.indexEntries += added.count
    const bytes = added.encode(0)
    try {
      // Most logs of many are small: their entries never leave memory, and they need no second file.
      if (position === 0) await this.#createAnew(segment.indexPath)
      await this.#options.files.use(segment.indexPath, (file) => file.write([bytes], position))
    } catch {
      // A reader that misses entries scans further, or rebuilds it.
    }
  }

  async #syncNames(partition: Partition): Promise<void> {
    const { disk, topicsDirectory } = this.#options
    const shared = this.#sharedDirectories
    await disk.syncDirectory(partition.directory)
    const topicDirectory = partition.directory.slice(0, partition.directory.lastIndexOf('/'))
    try {
      if (!this.#durableDirectories.has(partition.directory)) {
        await shared.sync(topicDirectory)
        this.#durableDirectories.add(partition.directory)
      }
      if (!this.#durableDirectories.has(topicDirectory)) {
        await shared.sync(topicsDirectory)
        this.#durableDirectories.add(topicDirectory)
      }
    } catch (cause) {
      throw new LostDirectoryError('the name of a directory may be lost', { cause })
    }
  }
}

/** The open segment is not compacted, so it must be closed in time for that (KIP-354). */
function longestSegmentMs(config: LogConfig): number {
  const { cleanup, segmentMs, maxCompactionLagMs } = config
  return cleanup.compact ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs
}
