import type { Uuid } from '../../kit/index.ts'
import { uuidFromBytes } from '../../kit/index.ts'
import { lastOffsetDelta } from './batch.ts'
import type { Checkpoint, PartitionCheckpoint } from './checkpoint/checkpoint.ts'
import type { Engine } from './engine.ts'
import { codeOf } from './errors.ts'
import type { FrameEntry } from './journal/frame.ts'
import { ENTRY_KIND } from './journal/frame.ts'
import type { ReplayEnd, ReplayFrame } from './journal/replay.ts'
import { replayJournal } from './journal/replay.ts'
import type { Partition } from './partition/partition.ts'
import { releaseAllUnwritten, releaseBelowLogStart } from './partition/trimming.ts'
import type { QuarantinedLog } from './quarantine.ts'
import { Salvage } from './quarantine.ts'
import { Segment } from './segments/segment.ts'

/** What the last start found and did. */
export interface RecoveryReport {
  /** `fresh`: there was nothing. */
  readonly kind: 'fresh' | 'recovered'
  readonly leaderEpoch: number
  readonly partitions: number
  readonly segments: number
  readonly replayedFrames: number
  readonly replayedBatches: number
  readonly replayedBytes: number
  /** Sound frames behind a torn one: their appends were never acknowledged as durable. */
  readonly tornFrames: number
  /** Bytes of segments that no checkpoint covered, cut because the journal has them. */
  readonly cutBytes: number
  readonly quarantined: readonly QuarantinedLog[]
  /** Directories that no checkpoint and no journal knows, moved to quarantine. */
  readonly unknownDirectories: readonly string[]
  readonly durationMs: number
}

/** Directories looked at at the same time. */
const CONCURRENCY = 16

/**
 * Brings the state back that was durable: checkpoint, segments cut back to it, journal replayed on
 * top, everything written to segments. The caller then writes a checkpoint, which makes it final;
 * until that is durable, a crash leaves everything as it was found.
 */
export class Recovery {
  readonly #engine: Engine
  readonly #salvage: Salvage
  /** Segments that a checkpoint names and that are not there; fine when a trim follows in the journal. */
  readonly #missing: { readonly partition: Partition; readonly segment: Segment }[] = []
  readonly #stateOffsets = new Map<Partition, number>()
  #replayedFrames = 0
  #replayedBatches = 0
  #replayedBytes = 0
  #cutBytes = 0

  constructor(engine: Engine) {
    this.#engine = engine
    this.#salvage = new Salvage(engine.disk, engine.layout.quarantine, engine.logger)
  }

  async run(checkpoint: Checkpoint): Promise<Omit<RecoveryReport, 'durationMs'> & ReplayEnd> {
    const { disk, layout, partitions } = this.#engine
    for (const topicId of checkpoint.dropped) await this.#removeTopic(topicId)
    const restored = checkpoint.partitions.map((facts) => this.#restore(facts))
    await inParallel(restored, (partition) => this.#cutFiles(partition))
    const end = await replayJournal(
      disk,
      layout.journal,
      checkpoint.replayFrom,
      checkpoint.nextFileId,
      (frame) => this.#replay(frame),
    )
    for (const partition of [...partitions.all()]) await this.#finish(partition)
    const unknownDirectories = await this.#setAsideUnknown()
    // The next checkpoint no longer names what was dropped, so that must not come back.
    await disk.syncDirectory(layout.topics)
    await this.#salvage.close()
    await this.#engine.flusher.flushAll(partitions.all())
    const all = [...partitions.all()]
    return {
      kind: 'recovered',
      leaderEpoch: checkpoint.leaderEpoch + 1,
      partitions: all.length,
      segments: all.reduce((count, partition) => count + partition.segments.length, 0),
      replayedFrames: this.#replayedFrames,
      replayedBatches: this.#replayedBatches,
      replayedBytes: this.#replayedBytes,
      cutBytes: this.#cutBytes,
      quarantined: this.#salvage.quarantined,
      unknownDirectories,
      ...end,
    }
  }

  /** The partition as the checkpoint has it. */
  #restore(facts: PartitionCheckpoint): Partition {
    const partition = this.#engine.newPartition(facts.topicId, facts.partition)
    partition.topicName = facts.topicName
    if (facts.quarantined) partition.state = 'quarantined'
    partition.logStartOffset = facts.logStartOffset
    partition.cleanedOffset = facts.cleanedOffset
    for (const segmentFacts of facts.segments) {
      const segment = Segment.restore(partition.directory, segmentFacts)
      partition.segments.push(segment)
      partition.segmentBytes += segment.sizeBytes
    }
    partition.endOffset = Math.max(facts.logStartOffset, partition.writtenOffset)
    partition.durableOffset = partition.endOffset
    partition.epochs.restore(facts.epochs)
    for (const [key, producer] of facts.producers) partition.producers.restore(key, producer)
    partition.transactions.restore(facts.transactions)
    this.#stateOffsets.set(partition, facts.stateOffset)
    return partition
  }

  /** Files cut back to what the checkpoint names. */
  async #cutFiles(partition: Partition): Promise<void> {
    const { disk } = this.#engine
    if (partition.state !== 'open') return
    if (partition.segments.length === 0) {
      await this.#removeLeftovers(partition)
      return
    }
    const names = await listOrNone(disk.list(partition.directory))
    const expected = new Map(partition.segments.map((segment) => [segment.logPath, segment]))
    const indexes = new Set(partition.segments.map((segment) => segment.indexPath))
    for (const name of names) {
      const path = `${partition.directory}/${name}`
      const segment = expected.get(path)
      if (segment !== undefined) {
        expected.delete(path)
        await this.#cutSegment(partition, segment)
      } else if (!indexes.has(path)) {
        await disk.remove(path)
      }
    }
    for (const segment of expected.values()) this.#missing.push({ partition, segment })
  }

  async #cutSegment(partition: Partition, segment: Segment): Promise<void> {
    const file = await this.#engine.disk.open(segment.logPath, 'write')
    try {
      const sizeBytes = await file.size()
      if (sizeBytes < segment.sizeBytes) this.#missing.push({ partition, segment })
      if (sizeBytes <= segment.sizeBytes) return
      this.#cutBytes += sizeBytes - segment.sizeBytes
      await file.truncate(segment.sizeBytes)
    } finally {
      await file.close()
    }
  }

  async #replay(frame: ReplayFrame): Promise<void> {
    this.#replayedFrames++
    for (const entry of frame.entries) {
      const topicId = uuidFromBytes(entry.topicId)
      if (entry.kind === ENTRY_KIND.batch) await this.#replayBatch(frame, entry, topicId)
      else if (entry.kind === ENTRY_KIND.trim) this.#replayTrim(entry, topicId)
      else if (entry.kind === ENTRY_KIND.drop) await this.#replayDrop(topicId)
      else if (entry.kind === ENTRY_KIND.quarantine) {
        await this.#replaySetAside(topicId, frame.sequence)
      }
    }
  }

  async #replayBatch(frame: ReplayFrame, entry: FrameEntry, topicId: Uuid): Promise<void> {
    const partition = await this.#partitionOf(topicId, entry.partition)
    const at = frame.start + entry.position
    const batch = frame.bytes.subarray(at, at + entry.lengthBytes)
    if (partition.state === 'quarantined') {
      await this.#salvage.keep(partition, batch)
      return
    }
    if (frame.damaged.has(entry)) {
      await this.#quarantine(
        partition,
        `the batch at offset ${entry.offset} is damaged in the journal`,
      )
      await this.#salvage.keep(partition, batch)
      return
    }
    const nextOffset = entry.offset + lastOffsetDelta(batch) + 1
    if (nextOffset <= partition.endOffset) {
      this.#noteState(partition, batch, entry.offset, nextOffset)
      return
    }
    const followsTrim = partition.endOffset === partition.logStartOffset
    const follows =
      entry.offset === partition.endOffset || (followsTrim && entry.offset < partition.endOffset)
    if (!follows) {
      await this.#quarantine(
        partition,
        `the journal goes on at ${entry.offset} where the log ends at ${partition.endOffset}`,
      )
      await this.#salvage.keep(partition, batch)
      return
    }
    await this.#takeBatch(partition, batch, entry, nextOffset, frame.sequence)
  }

  async #takeBatch(
    partition: Partition,
    batch: Buffer,
    entry: FrameEntry,
    nextOffset: number,
    sequence: number,
  ): Promise<void> {
    const { arena, flusher, partitions } = this.#engine
    let chunk = arena.reserve(batch.length, sequence, true)
    if (chunk === undefined) {
      await flusher.flushAll(partitions.all())
      chunk = arena.reserve(batch.length, sequence, true)
    }
    if (chunk === undefined) throw new Error('the hot window has no room for a replayed batch')
    const position = chunk.usedBytes
    chunk.memory.bytes.set(batch, position)
    chunk.usedBytes += batch.length
    chunk.holds++
    partition.epochs.begin(entry.leaderEpoch, entry.offset)
    this.#noteState(partition, batch, entry.offset, nextOffset)
    partition.place(batch, 0, entry.offset, nextOffset, chunk.serial, position)
    partition.durableOffset = partition.endOffset
    flusher.add(partition, batch.length)
    this.#replayedBatches++
    this.#replayedBytes += batch.length
  }

  /** Producers and transactions were written down as of an offset that may lie beyond the segments. */
  #noteState(partition: Partition, batch: Buffer, baseOffset: number, nextOffset: number): void {
    if (baseOffset < (this.#stateOffsets.get(partition) ?? 0)) return
    partition.noteBatch(batch, 0, baseOffset, nextOffset - 1, this.#engine.clock.now())
  }

  #replayTrim(entry: FrameEntry, topicId: Uuid): void {
    const partition = this.#engine.partitions.find(topicId, entry.partition)
    partition?.raiseLogStart(Math.min(entry.offset, partition.endOffset))
  }

  async #replayDrop(topicId: Uuid): Promise<void> {
    const { partitions, arena, flusher, writer } = this.#engine
    for (const partition of partitions.ofTopic(topicId)) {
      flusher.discount(partition.unwrittenBytes)
      releaseAllUnwritten(partition, arena)
      writer.forget(partition)
      partition.state = 'dropped'
      this.#stateOffsets.delete(partition)
      // A checkpoint does not name a dropped log, so its batches before the drop seem to lack a beginning.
      await this.#salvage.forget(partition)
    }
    partitions.deleteTopic(topicId)
    await this.#removeTopic(topicId)
  }

  /**
   * Removes the directory of a dropped topic, even one that seems to be gone: when the sync of an
   * earlier removal failed, only doing it once more makes it last.
   */
  async #removeTopic(topicId: Uuid): Promise<void> {
    const { disk, layout } = this.#engine
    await disk.makeDirectory(layout.topic(topicId))
    await disk.remove(layout.topic(topicId))
  }

  async #replaySetAside(topicId: Uuid, sequence: number): Promise<void> {
    const { disk, layout, partitions, flusher } = this.#engine
    const target = layout.setAside(topicId, sequence)
    // Not there: the move did not happen, or did not last.
    if (!(await disk.exists(target)) && (await disk.exists(layout.topic(topicId)))) {
      await flusher.flushAll(partitions.ofTopic(topicId))
      await disk.rename(layout.topic(topicId), target)
      await disk.syncDirectory(layout.quarantine)
      await disk.syncDirectory(layout.topics)
    }
    await this.#replayDrop(topicId)
  }

  /** A log that only the journal knows has nothing durable elsewhere. */
  async #partitionOf(topicId: Uuid, number: number): Promise<Partition> {
    const known = this.#engine.partitions.find(topicId, number)
    if (known !== undefined) return known
    const partition = this.#engine.newPartition(topicId, number)
    await this.#removeLeftovers(partition)
    return partition
  }

  /**
   * Removes the directory of a log that has no durable segment; that of its topic when none of its
   * logs has one. They are made anew, because a name whose directory failed to sync may be seen and
   * still be lost with the power.
   */
  async #removeLeftovers(partition: Partition): Promise<void> {
    const { disk, layout, partitions } = this.#engine
    const others = partitions.ofTopic(partition.topicId)
    const isTopicDurable = others.some(({ segments }) => segments.length > 0)
    await disk.remove(isTopicDurable ? partition.directory : layout.topic(partition.topicId))
  }

  async #finish(partition: Partition): Promise<void> {
    const { arena, flusher, files } = this.#engine
    if (partition.state === 'open') {
      const beforeBytes = partition.unwrittenBytes
      const removed = releaseBelowLogStart(partition, arena)
      flusher.discount(beforeBytes - partition.unwrittenBytes)
      for (const segment of removed) {
        files.forget(segment.logPath)
        await this.#engine.disk.remove(segment.logPath)
        await this.#engine.disk.remove(segment.indexPath)
      }
      await this.#refuseLosses(partition)
    }
    partition.publishHighWatermark(partition.endOffset)
    partition.transactions.advance(partition.endOffset)
  }

  async #refuseLosses(partition: Partition): Promise<void> {
    const lost = this.#missing.find(
      (missing) => missing.partition === partition && !missing.segment.removed,
    )
    if (lost !== undefined) {
      await this.#quarantine(partition, `${lost.segment.logPath} is missing or too short`)
      return
    }
    const stateOffset = this.#stateOffsets.get(partition) ?? 0
    if (stateOffset > partition.endOffset) {
      await this.#quarantine(
        partition,
        `the log ends at ${partition.endOffset}, but ${stateOffset} was durable`,
      )
    }
  }

  async #quarantine(partition: Partition, reason: string): Promise<void> {
    const { arena, flusher } = this.#engine
    await this.#salvage.quarantine(partition, reason, arena)
    flusher.discount(partition.unwrittenBytes)
    releaseAllUnwritten(partition, arena)
    partition.state = 'quarantined'
  }

  /** Never deletes what it does not know: it may be all that is left of something. */
  async #setAsideUnknown(): Promise<readonly string[]> {
    const { disk, layout, partitions } = this.#engine
    const moved: string[] = []
    const setAside = async (path: string, name: string): Promise<void> => {
      let target = `${layout.quarantine}/${name}`
      while (await disk.exists(target)) target += '+'
      await disk.rename(path, target)
      moved.push(path)
    }
    for (const topicId of await disk.list(layout.topics)) {
      const topicPath = `${layout.topics}/${topicId}`
      const known = new Set(partitions.ofTopic(topicId).map(({ partition }) => String(partition)))
      if (known.size === 0) {
        await setAside(topicPath, topicId)
        continue
      }
      for (const name of await disk.list(topicPath)) {
        if (!known.has(name)) await setAside(`${topicPath}/${name}`, `${topicId}-${name}`)
      }
    }
    if (moved.length > 0) await disk.syncDirectory(layout.quarantine)
    return moved
  }
}

async function listOrNone(names: Promise<string[]>): Promise<string[]> {
  try {
    return await names
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

async function inParallel<Item>(
  items: readonly Item[],
  action: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await action(item)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, lane))
}
