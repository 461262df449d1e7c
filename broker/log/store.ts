import type { DiskLock, Random, Uuid } from '../../kit/index.ts'
import { Appender, frameBytesOf, isPrivileged } from './appender.ts'
import { LiveBackup } from './backup/live-backup.ts'
import type { Checkpointer } from './checkpoint/checkpointer.ts'
import { Cleaner } from './compaction/cleaner.ts'
import type { CleanerSettings } from './compaction/cleaner-settings.ts'
import type { ControlFrames } from './control-frames.ts'
import type { Engine } from './engine.ts'
import { reasonOf } from './errors.ts'
import type { Journal } from './journal/journal.ts'
import type { JournalFiles } from './journal/journal-files.ts'
import { Maintenance } from './maintenance.ts'
import { CopyBuffers } from './memory/copy-buffers.ts'
import { Partition } from './partition/partition.ts'
import { lastSequenceOf } from './partition/producer-table.ts'
import type { PendingFrame } from './pending-frame.ts'
import type {
  AppendEntry,
  AppendOptions,
  AppendResult,
  BatchFacts,
  DiskSpace,
  LogConfig,
  LogStore,
  PartitionLog,
  PartitionSpec,
  ProducerView,
  ReadLimits,
  ReadRequest,
  ReadResult,
  TimestampAndOffset,
} from './port.ts'
import type { DiskTurns } from './reads/disk-turns.ts'
import { PageCacheGuess } from './reads/page-cache-guess.ts'
import { ReadLanes } from './reads/read-lanes.ts'
import { Reader } from './reads/reader.ts'
import { TimeLookup } from './reads/time-lookup.ts'
import type { DamagedSegment } from './scrub/damaged-segment.ts'
import type { ScrubSettings } from './scrub/scrub-settings.ts'
import { Scrubber } from './scrub/scrubber.ts'
import type { LogStoreStats } from './stats.ts'
import type { WaitingLine } from './waiting-line.ts'

/** Free space must exceed the floor by this factor before ordinary appends are taken again. */
const FLOOR_HYSTERESIS = 1.05

/** Fullness of the journal from which producers may soon wait. */
const BUSY_PRESSURE = 0.5

export interface StoreParts {
  readonly engine: Engine
  readonly journal: Journal<PendingFrame>
  readonly journalFiles: JournalFiles
  readonly checkpointer: Checkpointer
  readonly control: ControlFrames
  readonly waiting: WaitingLine
  readonly turns: DiskTurns
  readonly lock: DiskLock
  readonly leaderEpoch: number
  readonly cleaner: Partial<CleanerSettings>
  readonly scrub: Partial<ScrubSettings>
  readonly random: Random | undefined
  readonly onDamage: (damage: DamagedSegment) => void
  readonly onFailure: (error: Error) => void
}

/** The engine behind the port: puts the parts together and owns their lifecycle. */
export class Store implements LogStore {
  readonly #parts: StoreParts
  readonly #engine: Engine
  readonly #appender: Appender
  readonly #reader: Reader
  readonly #times: TimeLookup
  readonly #maintenance: Maintenance
  readonly #cleaner: Cleaner
  /** Of appends that wait. */
  readonly #copies = new CopyBuffers()
  #diskState: LogStore['diskState'] = 'ok'
  /** Of the file system, when it was looked at last. */
  #freeBytes: number | null = null
  #capacityBytes: number | null = null
  #appendCount = 0
  #stopping = false
  #closing: Promise<void> | undefined
  #backup: LiveBackup | undefined
  readonly #scrubber: Scrubber

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#engine = parts.engine
    const { arena, files, indexes, flusher, clock, limits, logger } = parts.engine
    this.#appender = new Appender({
      arena,
      journal: parts.journal,
      flusher,
      clock,
      isFull: () => this.#diskState === 'full',
    })
    const lanes = new ReadLanes(limits.readLanes)
    this.#reader = new Reader({
      ...{ arena, files, indexes, logger },
      readBytes: limits.readChunkBytes,
      idleBytes: limits.idleReadBytes,
      aheadBytes: limits.readAheadBytes,
      lanes,
      turns: parts.turns,
      pageCache: new PageCacheGuess({
        logs: () => parts.engine.partitions.all(),
        cacheBytes: parts.engine.disk.pageCacheBytes,
        clock,
      }),
    })
    this.#times = new TimeLookup({ arena, files, indexes, lanes })
    this.#maintenance = new Maintenance({
      engine: parts.engine,
      checkpointer: parts.checkpointer,
      journalPressure: () => parts.journal.pressure,
      nextSequence: () => parts.journal.nextSequence,
      firstNeededSequence: () =>
        parts.engine.arena.oldestHeld()?.firstSequence ?? parts.journal.nextSequence,
      trim: (partition, offset) => this.trim(partition, offset),
      onFreeSpace: (freeBytes) => this.noteFreeSpace(freeBytes),
      onFailed: (error) => this.fail(error),
    })
    this.#cleaner = new Cleaner({
      engine: parts.engine,
      settings: parts.cleaner,
      checkpoint: () => parts.checkpointer.run(),
      onDiskFull: () => this.noteDiskFull(),
    })
    this.#scrubber = new Scrubber({
      engine: parts.engine,
      settings: parts.scrub,
      random: parts.random,
      isBusy: () => this.#isDiskWanted(),
      onDamage: parts.onDamage,
    })
  }

  /** Begins the background work. */
  async start(): Promise<void> {
    await this.#maintenance.checkSpace()
    this.#maintenance.start()
    this.#cleaner.start()
    this.#scrubber.start()
  }

  find(topicId: Uuid, partition: number): PartitionLog | undefined {
    return this.#engine.partitions.find(topicId, partition)
  }

  logs(): Iterable<PartitionLog> {
    return this.#engine.partitions.all()
  }

  *unclaimed(): Generator<PartitionLog> {
    for (const partition of this.#engine.partitions.all()) if (!partition.claimed) yield partition
  }

  append(
    entries: readonly AppendEntry[],
    options: AppendOptions,
  ): Promise<readonly AppendResult[]> {
    if (entries.length === 0) return Promise.resolve([])
    if (this.#stopping) return Promise.resolve(allFailed(entries, 'stopping'))
    if (this.#diskState === 'failed') return Promise.resolve(allFailed(entries, 'storage-error'))
    const lengthBytes = frameBytesOf(entries)
    if (lengthBytes > this.#maxFrameBytes(options)) {
      return this.#appendInParts(entries, options)
    }
    this.#appendCount++
    const privileged = isPrivileged(entries)
    if (!privileged && this.#diskState === 'full') {
      return Promise.resolve(allFailed(entries, 'disk-full'))
    }
    return this.#enter(entries, options, lengthBytes, privileged)
  }

  read(requests: readonly ReadRequest[], limits: ReadLimits): ReadResult | Promise<ReadResult> {
    return this.#reader.read(requests, limits)
  }

  findByTime(log: PartitionLog, timestampMs: number): Promise<TimestampAndOffset | null> {
    return this.#times.find(partitionOf(log), timestampMs)
  }

  findMaxTimestamp(log: PartitionLog): Promise<TimestampAndOffset | null> {
    return this.#times.findMax(partitionOf(log))
  }

  batchAt(log: PartitionLog, offset: number): Promise<BatchFacts | null> {
    return this.#times.at(partitionOf(log), offset)
  }

  endOfEpoch(
    log: PartitionLog,
    epoch: number,
  ): { readonly leaderEpoch: number; readonly endOffset: number } | null {
    return partitionOf(log).epochs.endOf(epoch, log.endOffset)
  }

  epochOf(log: PartitionLog, offset: number): number {
    return partitionOf(log).epochs.epochAt(offset)
  }

  producers(log: PartitionLog): readonly ProducerView[] {
    const { producers, transactions } = partitionOf(log)
    return Array.from(producers.entries(), ([key, producer]) => ({
      producerId: BigInt(key),
      producerEpoch: producer.epoch,
      lastSequence: lastSequenceOf(producer),
      lastTimestampMs: producer.lastAppendMs,
      coordinatorEpoch: producer.coordinatorEpoch,
      currentTransactionStartOffset: transactions.openSince(key),
    }))
  }

  onGrowth(log: PartitionLog, listener: () => void): () => void {
    return partitionOf(log).onGrowth(listener)
  }

  wake(topicId: Uuid): void {
    for (const partition of [...this.#engine.partitions.all()]) {
      if (partition.topicId === topicId) partition.notifyGrowth()
    }
  }

  async create(specs: readonly PartitionSpec[]): Promise<void> {
    for (const spec of specs) {
      // Files of a dropped log of the same id must be gone before there are new ones.
      await this.#parts.control.removalOf(spec.topicId)
      const partition =
        this.#engine.partitions.find(spec.topicId, spec.partition) ??
        this.#engine.newPartition(spec.topicId, spec.partition)
      partition.topicName = spec.topicName
      partition.config = spec.config
      partition.internal = spec.internal
      partition.claimed = true
    }
  }

  configure(topicId: Uuid, config: LogConfig): void {
    for (const partition of this.#engine.partitions.ofTopic(topicId)) partition.config = config
  }

  trim(log: PartitionLog, offset: number): Promise<number> {
    return this.#parts.control.trim(partitionOf(log), offset)
  }

  drop(topicId: Uuid): Promise<void> {
    return this.#parts.control.drop(topicId)
  }

  setAside(topicId: Uuid): Promise<void> {
    return this.#parts.control.setAside(topicId)
  }

  get diskState(): LogStore['diskState'] {
    return this.#diskState
  }

  get diskSpace(): DiskSpace {
    const { minFreeBytes } = this.#engine.limits
    return { usedBytes: this.#usedBytes(), freeBytes: this.#freeBytes, floorBytes: minFreeBytes }
  }

  limitDisk(capacityBytes: number | null): void {
    if (capacityBytes === this.#capacityBytes) return
    this.#capacityBytes = capacityBytes
    if (this.#freeBytes !== null) this.noteFreeSpace(this.#freeBytes)
  }

  /** Looks at every partition: some microseconds for a thousand, and asked for once a second at most. */
  #usedBytes(): number {
    const { usedCount, freeCount } = this.#parts.journalFiles
    let usedBytes = (usedCount + freeCount) * this.#engine.limits.journalFileBytes
    for (const { sizeBytes } of this.#engine.partitions.all()) usedBytes += sizeBytes
    return usedBytes
  }

  get stats(): LogStoreStats {
    const cleaner = this.#cleaner
    const { arena, flusher, writer, files, partitions } = this.#engine
    const { journal, journalFiles, checkpointer, waiting } = this.#parts
    const { fsyncCount, fsyncSumMs, fsyncBuckets, writeCount, writtenBytes } = journal.device.stats
    return {
      journal: {
        fsyncCount,
        fsyncSumMs,
        fsyncBuckets,
        writeCount,
        writtenBytes,
        pendingFrames: journal.pendingFrames,
        // Looks at every frame that is pending.
        get pendingBytes() {
          return journal.pendingBytes
        },
        pressure: journal.pressure,
        filesInUse: journalFiles.usedCount,
        filesFree: journalFiles.freeCount,
      },
      hotWindow: {
        sizeBytes: arena.sizeBytes,
        unwrittenBytes: flusher.unwrittenBytes,
        retiredBytes: arena.retiredBytes,
        pressure: arena.pressure,
      },
      flusher: {
        dirtyPartitions: flusher.dirtyPartitions,
        writtenTotalBytes: writer.writtenBytes,
        syncs: writer.syncs,
        distrustCount: flusher.distrustCount,
      },
      reads: {
        hotCount: this.#reader.hotReads,
        coldCount: this.#reader.coldReads,
        coldTotalBytes: this.#reader.coldBytes,
      },
      scrub: this.#scrubber.stats,
      // Looks at every segment: only when somebody asks for it.
      get cleaner() {
        return cleaner.stats
      },
      waitingAppends: waiting.size,
      appendCount: this.#appendCount,
      checkpointCount: checkpointer.count,
      openFiles: files.size,
      get partitions() {
        return partitions.count
      },
      get segments() {
        return partitions.segmentCount
      },
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Retention and expiry now instead of at their time; for tests and tools. */
  get maintenance(): Maintenance {
    return this.#maintenance
  }

  /** Compaction now instead of at its time; for tests and tools. */
  get cleaner(): Cleaner {
    return this.#cleaner
  }

  /** Holds the files for a copy, until it is released. Throws a BackupError when they cannot be held. */
  async beginBackup(): Promise<LiveBackup> {
    const { journal, journalFiles, checkpointer } = this.#parts
    const isDiskFull = (): boolean => this.#diskState !== 'ok'
    const parts = { engine: this.#engine, journal, journalFiles, checkpointer, isDiskFull }
    const backup = await LiveBackup.begin(parts)
    this.#backup = backup
    // Began to close meanwhile, and found nothing to let go of.
    if (this.#stopping) await backup.abort('the broker stops')
    return backup
  }

  configureScrubber(settings: Partial<ScrubSettings>): void {
    this.#scrubber.configure(settings)
  }

  /** A round now instead of at its time; for tests and tools. */
  get scrubber(): Scrubber {
    return this.#scrubber
  }

  configureCleaner(settings: Partial<CleanerSettings>): void {
    this.#cleaner.configure(settings)
  }

  noteFreeSpace(freeInFileSystemBytes: number): void {
    const { limits, logger } = this.#engine
    this.#freeBytes = freeInFileSystemBytes
    const freeBytes =
      this.#capacityBytes === null
        ? freeInFileSystemBytes
        : Math.min(freeInFileSystemBytes, this.#capacityBytes - this.#usedBytes())
    if (this.#diskState === 'ok' && freeBytes < limits.minFreeBytes) {
      this.#diskState = 'full'
      logger.error({ freeBytes, minFreeBytes: limits.minFreeBytes }, 'the disk is full')
      this.#parts.waiting.refuseOrdinary('disk-full')
    } else if (this.#diskState === 'full' && freeBytes >= limits.minFreeBytes * FLOOR_HYSTERESIS) {
      this.#diskState = 'ok'
      logger.info({ freeBytes }, 'the disk has space again')
    }
    if (this.#diskState === 'ok') this.#parts.journalFiles.retry()
    // What a burst had it make is idle by now, and may be what keeps the disk full for good.
    else this.#parts.journalFiles.giveBack()
  }

  /** The disk refused a write for want of space, whatever it says about its free space. */
  noteDiskFull(): void {
    void this.#maintenance.checkSpace()
  }

  /** Nothing can be made durable any more: what is not, is taken back, and nothing is accepted. */
  fail(error: Error): void {
    if (this.#diskState === 'failed') return
    this.#diskState = 'failed'
    this.#engine.logger.error({ error: reasonOf(error) }, 'the store failed; a restart is needed')
    this.#maintenance.stop()
    void this.#cleaner.stop()
    void this.#scrubber.stop()
    this.#engine.flusher.stop()
    for (const frame of this.#parts.journal.abandon()) frame.unknown()
    for (const partition of this.#engine.partitions.all()) takeBack(partition)
    this.#parts.waiting.refuseAll('storage-error')
    this.#parts.control.refuseAll(error)
    this.#parts.onFailure(error)
  }

  /** Somebody waits for room or for a read, or soon will. */
  #isDiskWanted(): boolean {
    const { waiting, journal } = this.#parts
    return waiting.size > 0 || journal.pressure >= BUSY_PRESSURE || this.#reader.isBusy
  }

  #maxFrameBytes(options: AppendOptions): number {
    const { maxFrameBytes } = this.#parts.journal
    // Several small frames fill chunks better than one that needs memory of its own.
    return options.atomic === true
      ? maxFrameBytes
      : Math.min(maxFrameBytes, this.#engine.limits.chunkBytes)
  }

  /** Halves, until each fits; a single batch may have memory of its own, but must fit a journal file. */
  async #appendInParts(
    entries: readonly AppendEntry[],
    options: AppendOptions,
  ): Promise<readonly AppendResult[]> {
    const lengthBytes = frameBytesOf(entries)
    if (options.atomic === true || entries.length === 1) {
      const fits = lengthBytes <= this.#parts.journal.maxFrameBytes
      if (!fits || options.atomic === true) return allFailed(entries, 'storage-error')
      const privileged = isPrivileged(entries)
      if (!privileged && this.#diskState === 'full') return allFailed(entries, 'disk-full')
      this.#appendCount++
      return this.#enter(entries, options, lengthBytes, privileged)
    }
    const middle = entries.length >> 1
    const parts = [entries.slice(0, middle), entries.slice(middle)]
    return (await Promise.all(parts.map((part) => this.append(part, options)))).flat()
  }

  #enter(
    entries: readonly AppendEntry[],
    options: AppendOptions,
    lengthBytes: number,
    privileged: boolean,
  ): Promise<readonly AppendResult[]> {
    const { waiting } = this.#parts
    if (!waiting.isBusy(privileged)) {
      const promise = this.#appender.tryAppend(entries, options, lengthBytes, privileged)
      if (promise !== undefined) return promise
    }
    this.#engine.flusher.hurry()
    // The caller's bytes are its own again when we return.
    const buffer = this.#copies.take(lengthBytes)
    const kept = copyEntries(entries, buffer)
    return new Promise((resolve) => {
      const end = (results: ReturnType<LogStore['append']> | readonly AppendResult[]): void => {
        this.#copies.give(buffer)
        resolve(results)
      }
      waiting.enter(
        {
          attempt: () => {
            const promise = this.#appender.tryAppend(kept, options, lengthBytes, privileged)
            if (promise === undefined) return false
            end(promise)
            return true
          },
          refuse: (reason) => end(allFailed(entries, reason)),
        },
        privileged,
      )
    })
  }

  async #close(): Promise<void> {
    const { timers, limits } = this.#engine
    this.#stopping = true
    this.#maintenance.stop()
    const cleanerStopped = Promise.all([this.#cleaner.stop(), this.#scrubber.stop()])
    await this.#backup?.abort('the broker stops')
    this.#parts.waiting.refuseAll('stopping')
    if (this.#diskState !== 'failed') {
      await withinMs(timers, limits.closeTimeoutMs, this.#leaveTidy(cleanerStopped))
      this.#parts.control.refuseAll(new Error('the store is closed'))
    }
    this.#engine.flusher.stop()
    // Once the lock is free, the directory may be another's.
    await this.#parts.checkpointer.stop()
    await this.#parts.journal.close()
    // What did not become durable in the time that was given.
    for (const frame of this.#parts.journal.abandon()) frame.unknown()
    await this.#parts.journalFiles.close()
    await this.#engine.files.close()
    await this.#parts.lock.release()
  }

  /** Saves the next start a replay. */
  async #leaveTidy(cleanerStopped: Promise<unknown>): Promise<void> {
    try {
      this.#engine.flusher.rush()
      await cleanerStopped
      await this.#parts.checkpointer.idle()
      await this.#parts.journal.settled()
      await this.#parts.control.idle()
      await this.#engine.flusher.flushAll(this.#engine.partitions.all())
      await this.#parts.checkpointer.run()
    } catch (error) {
      this.#engine.logger.warn({ error: reasonOf(error) }, 'the last checkpoint was not written')
    }
  }
}

function partitionOf(log: PartitionLog): Partition {
  if (log instanceof Partition) return log
  throw new TypeError('not a log of this store')
}

/** The entries with their batches copied into `buffer`, which has room for a frame of them. */
function copyEntries(entries: readonly AppendEntry[], buffer: Buffer): AppendEntry[] {
  let at = 0
  return entries.map((entry) => {
    const batch = buffer.subarray(at, at + entry.batch.length)
    batch.set(entry.batch)
    at += entry.batch.length
    return { ...entry, batch }
  })
}

function allFailed(
  entries: readonly AppendEntry[],
  reason: 'disk-full' | 'storage-error' | 'stopping',
): readonly AppendResult[] {
  return entries.map(() => ({ kind: 'failed', reason }))
}

function takeBack(partition: Partition): void {
  // With durability `os` readers may have seen more than is durable.
  const keptOffset = Math.max(partition.durableOffset, partition.highWatermark)
  if (partition.endOffset === keptOffset) return
  partition.endOffset = keptOffset
  partition.producers.cut(keptOffset)
}

function withinMs(timers: Engine['timers'], limitMs: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = timers.after(limitMs, resolve)
    work.finally(() => {
      cancel()
      resolve()
    })
  })
}
