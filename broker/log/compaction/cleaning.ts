import { BATCH_HEADER_BYTES } from '../batch.ts'
import type { Engine } from '../engine.ts'
import type { Partition } from '../partition/partition.ts'
import type { Segment } from '../segments/segment.ts'
import { BatchCleaner } from './batch-cleaner.ts'
import type { CleanableRange } from './cleanable-range.ts'
import { cleanableRange } from './cleanable-range.ts'
import { CleanedSegmentWriter } from './cleaned-segment-writer.ts'
import type { CleanerSettings } from './cleaner-settings.ts'
import type { IoThrottle } from './io-throttle.ts'
import { MapBuilder } from './map-builder.ts'
import { OffsetMap } from './offset-map.ts'
import { groupSegments } from './segment-groups.ts'
import { Slices } from './slices.ts'
import { TransactionTraces } from './transaction-traces.ts'
import { verifiedBatches } from './verified-batches.ts'

/** The log went away or changed under the cleaning, or all work stops. Nothing is wrong. */
export class CleaningAborted extends Error {
  override readonly name = 'CleaningAborted'
}

/** There is not enough space to write a segment anew. */
export class NoSpaceToClean extends Error {
  override readonly name = 'NoSpaceToClean'
}

/** What cleanings have done; the numbers only grow. */
export interface CleaningTotals {
  readTotalBytes: number
  writtenTotalBytes: number
  undecodableBatchCount: number
}

export interface CleaningOptions {
  readonly engine: Engine
  readonly settings: CleanerSettings
  readonly throttle: IoThrottle
  readonly totals: CleaningTotals
  /** Makes the files of replaced segments go, which take space until then. */
  readonly checkpoint: () => Promise<unknown>
  readonly isStopped: () => boolean
}

/**
 * One cleaning of one log: learns the latest offset of every key in its dirty part, then rewrites
 * everything from the log's first segment to the end of what it learned, group by group. A dirty
 * part with more keys than the map holds takes several such passes, each of which leaves the log
 * compacted further.
 *
 * Groups are replaced in the order of the log. So what a tombstone deletes is gone before the
 * tombstone is, however a cleaning ends.
 */
export class Cleaning {
  readonly #options: CleaningOptions
  readonly #partition: Partition
  readonly #slices: Slices
  readonly #readBuffer: Buffer
  readonly #writeBuffer: Buffer

  constructor(partition: Partition, options: CleaningOptions) {
    const { clock, timers, limits } = options.engine
    this.#options = options
    this.#partition = partition
    this.#slices = new Slices(clock, timers, limits.sliceMs)
    const bufferBytes = Math.max(options.settings.bufferBytes, BATCH_HEADER_BYTES)
    this.#readBuffer = Buffer.allocUnsafeSlow(bufferBytes)
    this.#writeBuffer = Buffer.allocUnsafeSlow(bufferBytes)
  }

  /**
   * Rejects with CleaningAborted, NoSpaceToClean, a CorruptSegmentError, or the disk's error; the log
   * then is as good as before, and partly compacted.
   */
  async run(): Promise<void> {
    const { clock } = this.#options.engine
    let range = cleanableRange(this.#partition, clock.now())
    const untilOffset = range.firstUncleanableOffset
    while (range.firstDirtyOffset < untilOffset) {
      await this.#pass({ ...range, firstUncleanableOffset: untilOffset })
      range = cleanableRange(this.#partition, clock.now())
    }
  }

  async #pass(range: CleanableRange): Promise<void> {
    const partition = this.#partition
    const { clock } = this.#options.engine
    const nowMs = clock.now()
    const sources = partition.segments.filter(
      (segment) => segment.nextOffset <= range.firstUncleanableOffset,
    )
    const map = this.#newMap(range)
    const mappedOffset = await this.#learn(map, sources, range)
    const cleaner = new BatchCleaner({
      map,
      mappedOffset,
      upperOffset: range.firstUncleanableOffset,
      producers: partition.producers,
      traces: this.#newTraces(range),
      nowMs,
      deleteRetentionMs: partition.config.deleteRetentionMs,
      slices: this.#slices,
    })
    const toRewrite = sources.filter((segment) => segment.baseOffset < mappedOffset)
    for (const group of groupSegments(toRewrite, partition.config.segmentBytes)) {
      await this.#rewrite(group, cleaner)
    }
    this.#options.totals.undecodableBatchCount += cleaner.undecodableCount
    partition.cleanedOffset = mappedOffset
  }

  #newMap(range: CleanableRange): OffsetMap {
    const { mapBytes, mapLoadFactor } = this.#options.settings
    const mostKeys = range.firstUncleanableOffset - range.firstDirtyOffset
    return new OffsetMap(mapBytes, mapLoadFactor, mostKeys)
  }

  /** Each reading of the log follows its transactions from the start. */
  #newTraces(range: CleanableRange): TransactionTraces {
    const { transactions } = this.#partition
    return new TransactionTraces(transactions.abortedIn(0, range.firstUncleanableOffset))
  }

  /** Fills the map from the dirty part; answers up to where it got. */
  async #learn(
    map: OffsetMap,
    sources: readonly Segment[],
    range: CleanableRange,
  ): Promise<number> {
    const { firstDirtyOffset } = range
    const traces = this.#newTraces(range)
    const builder = new MapBuilder(map, traces, this.#slices, firstDirtyOffset)
    for (const segment of sources) {
      if (segment.nextOffset <= firstDirtyOffset) continue
      const index = await this.#options.engine.indexes.get(segment)
      for await (const batch of this.#batchesOf(segment, index.positionOf(firstDirtyOffset))) {
        if (!(await builder.add(batch))) return builder.mappedOffset
        await this.#restWhenDue()
      }
    }
    return range.firstUncleanableOffset
  }

  async #rewrite(group: readonly Segment[], cleaner: BatchCleaner): Promise<void> {
    const { exclusive } = this.#partition
    await this.#requireSpace(group)
    const writer = this.#newWriter(group)
    try {
      // Only in turn with whoever removes or renames the directory.
      await exclusive.run(async () => {
        this.#refuseChanged(group)
        await writer.create()
      })
      for (const segment of group) {
        for await (const batch of this.#batchesOf(segment, 0)) {
          const kept = await cleaner.clean(batch)
          if (kept !== null) await writer.append(kept)
          await this.#restWhenDue()
        }
      }
      await writer.finish()
      await exclusive.run(() => this.#replace(group, writer, cleaner))
    } catch (error) {
      await writer.discard()
      throw error
    }
  }

  /** From here on readers find the new segment, and the next checkpoint names it. */
  async #replace(
    group: readonly Segment[],
    writer: CleanedSegmentWriter,
    cleaner: BatchCleaner,
  ): Promise<void> {
    const partition = this.#partition
    const { disk, indexes, replaced } = this.#options.engine
    this.#refuseChanged(group)
    if (!writer.segment.isEmpty) await disk.syncDirectory(partition.directory)
    const at = this.#refuseChanged(group)
    const fresh = writer.segment.isEmpty ? [] : [writer.segment]
    partition.segments.splice(at, group.length, ...fresh)
    for (const { sizeBytes } of group) partition.segmentBytes -= sizeBytes
    partition.segmentBytes += writer.segment.sizeBytes
    // Memory still has what was removed, and knows no longer what of it was aborted.
    partition.hot.dropBelow(writer.segment.nextOffset)
    partition.transactions.forget(cleaner.takeForgotten())
    replaced.add(group)
    if (writer.segment.isEmpty) {
      await writer.discard()
      return
    }
    writer.segment.nameSynced = true
    indexes.put(writer.segment, writer.index)
  }

  #newWriter(group: readonly Segment[]): CleanedSegmentWriter {
    const { engine, throttle, totals } = this.#options
    return new CleanedSegmentWriter({
      disk: engine.disk,
      sources: group,
      indexIntervalBytes: engine.indexes.intervalBytes,
      buffer: this.#writeBuffer,
      syncBytes: engine.limits.flushSyncBytes,
      onWrite: async (sizeBytes) => {
        await throttle.spend(sizeBytes)
        this.#refuseStopped()
        totals.writtenTotalBytes += sizeBytes
      },
    })
  }

  #batchesOf(segment: Segment, fromPosition: number): AsyncGenerator<Buffer, void, undefined> {
    const { engine, throttle, totals } = this.#options
    return verifiedBatches(segment, {
      files: engine.files,
      fromPosition,
      buffer: this.#readBuffer,
      // A batch written anew may be larger than what was appended: it is compressed at another level.
      maxBatchBytes: engine.limits.journalFileBytes * 2,
      onRead: async (sizeBytes) => {
        await throttle.spend(sizeBytes)
        this.#refuseStopped()
        totals.readTotalBytes += sizeBytes
      },
    })
  }

  /** Old and new files are there together, until a checkpoint lets the old ones go. */
  async #requireSpace(group: readonly Segment[]): Promise<void> {
    const { engine, checkpoint } = this.#options
    const groupBytes = group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const hasSpace = async (): Promise<boolean> => {
      const { freeBytes } = await engine.disk.space(engine.layout.directory)
      return freeBytes - groupBytes >= engine.limits.minFreeBytes / 2
    }
    if (await hasSpace()) return
    if (!engine.replaced.isEmpty) await checkpoint()
    if (!(await hasSpace())) throw new NoSpaceToClean(`${groupBytes} bytes to rewrite`)
  }

  async #restWhenDue(): Promise<void> {
    if (this.#slices.isOver) await this.#slices.rest()
  }

  #refuseStopped(): void {
    if (this.#options.isStopped()) throw new CleaningAborted('the cleaner stops')
    const { state, config } = this.#partition
    if (state !== 'open') throw new CleaningAborted(`the log is ${state}`)
    if (!config.cleanup.compact) throw new CleaningAborted('the log is not compacted any more')
  }

  /** Answers where the group is in the log; retention or a trim may have taken some of it away. */
  #refuseChanged(group: readonly Segment[]): number {
    this.#refuseStopped()
    const { segments } = this.#partition
    const at = group[0] === undefined ? -1 : segments.indexOf(group[0])
    const isThere = group.every((segment, index) => at >= 0 && segments[at + index] === segment)
    if (!isThere) throw new CleaningAborted('the log was trimmed')
    return at
  }
}
