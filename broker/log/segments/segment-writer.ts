import type { Clock, Disk } from '../../../kit/index.ts'
import { BucketCounts } from '../../../kit/index.ts'
import { codeOf } from '../errors.ts'
import { FSYNC_BUCKETS_MS } from '../journal/device.ts'
import type { Arena } from '../memory/arena.ts'
import type { Partition } from '../partition/partition.ts'
import type { LogConfig } from '../port.ts'
import type { FileCache } from './file-cache.ts'
import type { Gathered } from './gatherer.ts'
import { Gatherer } from './gatherer.ts'
import type { IndexCache } from './index-cache.ts'
import { INDEX_ENTRY_BYTES, SegmentIndex } from './offset-index.ts'
import { MAX_OFFSET_SPAN, Segment } from './segment.ts'
import { SharedDirectories } from './shared-directories.ts'

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
  readonly #gatherer: Gatherer
  /** Partitions with bytes or names that are not synced. */
  readonly unsynced = new Set<Partition>()
  writtenBytes = 0
  readonly syncs = new BucketCounts(FSYNC_BUCKETS_MS)

  constructor(options: SegmentWriterOptions) {
    this.#options = options
    this.#sharedDirectories = new SharedDirectories(options.disk)
    this.#gatherer = new Gatherer(options.arena, options.writeBytes)
  }

  /**
   * Writes the next durable batches of the partition with one write; answers their bytes, 0 when
   * there are none. Rejects with the disk's error; the batches then still count as unwritten.
   */
  async writeSome(partition: Partition): Promise<number> {
    if (partition.state !== 'open' || !this.#hasDurable(partition)) return 0
    const segment = await this.#writable(partition)
    const gathered = this.#gatherer.gather(partition, segment)
    const { files } = this.#options
    const position = segment.sizeBytes
    try {
      await files.use(segment.logPath, (file) => file.write(gathered.pieces, position))
    } finally {
      this.#gatherer.release(gathered)
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
      const startedMs = this.#options.clock.monotonicMs()
      await this.#options.files.use(segment.logPath, (file) => file.sync())
      this.syncs.note(this.#options.clock.monotonicMs() - startedMs)
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

  /** The partition was dropped: its directories go, and others of the same name are others. */
  forget(partition: Partition): void {
    this.unsynced.delete(partition)
    this.#durableDirectories.delete(partition.directory)
    this.#durableDirectories.delete(topicDirectoryOf(partition))
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
    const topicDirectory = topicDirectoryOf(partition)
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

function topicDirectoryOf({ directory }: Partition): string {
  return directory.slice(0, directory.lastIndexOf('/'))
}

/** The open segment is not compacted, so it must be closed in time for that (KIP-354). */
function longestSegmentMs(config: LogConfig): number {
  const { cleanup, segmentMs, maxCompactionLagMs } = config
  return cleanup.compact ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs
}
