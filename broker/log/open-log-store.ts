import type { Disk, DiskLock, Uuid } from '../../kit/index.ts'
import type { LiveBackup } from './backup/live-backup.ts'
import { RemovalGate } from './backup/removal-gate.ts'
import type { Checkpoint } from './checkpoint/checkpoint.ts'
import { readCheckpoint } from './checkpoint/checkpoint.ts'
import { Checkpointer } from './checkpoint/checkpointer.ts'
import type { CleanerSettings } from './compaction/cleaner-settings.ts'
import { ReplacedSegments } from './compaction/replaced-segments.ts'
import { ControlFrames } from './control-frames.ts'
import { openDataDirectory } from './data-directory.ts'
import type { Engine } from './engine.ts'
import { LogStoreError } from './errors.ts'
import { Journal } from './journal/journal.ts'
import { JournalFiles, slotOf } from './journal/journal-files.ts'
import type { Layout } from './layout.ts'
import { layoutOf } from './layout.ts'
import { Arena } from './memory/arena.ts'
import type { Memory } from './memory/memory.ts'
import type { LogStoreLimits, LogStoreOptions } from './options.ts'
import { DEFAULT_LOG_STORE_LIMITS } from './options.ts'
import { AppendTimesBudget } from './partition/append-times.ts'
import { Partition } from './partition/partition.ts'
import { PartitionTable } from './partition/partition-table.ts'
import type { PendingFrame } from './pending-frame.ts'
import type { LogConfig, LogStore } from './port.ts'
import { Publisher } from './publisher.ts'
import { DiskTurns } from './reads/disk-turns.ts'
import type { RecoveryReport } from './recovery.ts'
import { Recovery } from './recovery.ts'
import type { ScrubSettings } from './scrub/scrub-settings.ts'
import { FileCache } from './segments/file-cache.ts'
import { Flusher } from './segments/flusher.ts'
import { IndexCache } from './segments/index-cache.ts'
import { SegmentWriter } from './segments/segment-writer.ts'
import type { LogStoreStats } from './stats.ts'
import { Store } from './store.ts'
import { WaitingLine } from './waiting-line.ts'

export interface OpenedLogStore {
  readonly store: LogStore & {
    readonly stats: LogStoreStats
    /** Changes how compaction works from now on. */
    configureCleaner(settings: Partial<CleanerSettings>): void
    /** Changes how segments are read again from now on. */
    configureScrubber(settings: Partial<ScrubSettings>): void
    /** Holds the files for a copy, until it is released. Throws a BackupError when they cannot be held. */
    beginBackup(): Promise<LiveBackup>
  }
  readonly recovery: RecoveryReport
}

/** Holds for logs that were found on the disk until somebody says what they are: keep everything. */
const UNCLAIMED_CONFIG: LogConfig = {
  cleanup: { delete: false, compact: false },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 86_400_000,
  deleteRetentionMs: 86_400_000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  minCleanableDirtyRatio: 0.5,
  timestampType: 'create',
  durability: 'disk',
}

/** When journal files beyond the first ones begin to be made: after what a start writes. */
const FIRST_SPARE_AFTER_MS = 300

/** Part of the files that the process may have open that segments take; the rest is for sockets. */
const OPEN_FILES_SHARE = 5 / 8

/**
 * Opens the storage engine on a directory: takes the lock, recovers, durably takes a leader epoch
 * above all earlier ones, and starts the background work. Rejects with a LogStoreError when the
 * directory is in use, of a newer format, or damaged beyond single partitions; with the disk's
 * error when that refuses.
 */
export async function openLogStore(options: LogStoreOptions): Promise<OpenedLogStore> {
  const startedMs = options.clock.monotonicMs()
  const layout = layoutOf(options.directory)
  const lock = await openDataDirectory(options.disk, layout)
  try {
    const opening = new Opening(options, layout)
    const recovered = await opening.recover()
    const store = await opening.start(recovered, lock)
    const durationMs = options.clock.monotonicMs() - startedMs
    const { nextSequence: _sequence, nextFileId: _fileId, ...report } = recovered
    return { store, recovery: { ...report, durationMs } }
  } catch (error) {
    await lock.release()
    throw error
  }
}

type Recovered = Awaited<ReturnType<Recovery['run']>>

/** The parts while they are put together. */
class Opening {
  readonly #options: LogStoreOptions
  readonly #layout: Layout
  readonly #limits: LogStoreLimits
  readonly #memories = new Set<Memory>()
  readonly #appendTimesBudget = new AppendTimesBudget()
  readonly #engine: Engine
  #journal: Journal<PendingFrame> | undefined
  #store: Store | undefined
  #waiting: WaitingLine | undefined
  #leaderEpoch = 0

  constructor(options: LogStoreOptions, layout: Layout) {
    this.#options = options
    this.#layout = layout
    this.#limits = { ...DEFAULT_LOG_STORE_LIMITS, ...options.limits }
    this.#engine = this.#createEngine()
  }

  async recover(): Promise<Recovered> {
    const checkpoint = await this.#readCheckpoint()
    this.#leaderEpoch = checkpoint === undefined ? 0 : checkpoint.leaderEpoch + 1
    if (checkpoint !== undefined) return new Recovery(this.#engine).run(checkpoint)
    return {
      kind: 'fresh',
      leaderEpoch: 0,
      partitions: 0,
      segments: 0,
      replayedFrames: 0,
      replayedBatches: 0,
      replayedBytes: 0,
      tornFrames: 0,
      cutBytes: 0,
      quarantined: [],
      unknownDirectories: [],
      nextSequence: 1,
      nextFileId: 1,
    }
  }

  async start(recovered: Recovered, lock: DiskLock): Promise<Store> {
    const engine = this.#engine
    const { limits } = engine
    for (const partition of engine.partitions.all()) this.#beginEpoch(partition)
    const journalFiles = this.#createJournalFiles()
    let removing: () => readonly Uuid[] = () => []
    let recycle: (replayFrom: number) => void = () => {}
    const checkpointer = new Checkpointer({
      disk: engine.disk,
      clock: engine.clock,
      timers: engine.timers,
      directory: this.#layout.directory,
      sliceMs: limits.sliceMs,
      flusher: engine.flusher,
      replaced: engine.replaced,
      firstNeededSequence: () =>
        engine.arena.oldestHeld()?.firstSequence ??
        this.#journal?.nextSequence ??
        recovered.nextSequence,
      nextFileId: () => this.#journal?.nextFileId ?? recovered.nextFileId,
      journalSettled: () => this.#settled(),
      partitions: () => [...engine.partitions.all()],
      dropped: () => removing(),
      leaderEpoch: this.#leaderEpoch,
      onDone: (replayFrom) => recycle(replayFrom),
    })
    const waiting = new WaitingLine(limits.maxWaitingAppends)
    const turns = new DiskTurns({
      areAppendsWaiting: () => journal.pendingFrames > 0,
      clock: engine.clock,
      timers: engine.timers,
    })
    let failure: Error | undefined
    // Before the files that it writes to: its threads begin while those are made.
    const journal = new Journal<PendingFrame>(
      {
        device: this.#options.journalDevice,
        files: journalFiles,
        fileBytes: limits.journalFileBytes,
        reserveFiles: limits.journalReserveFiles,
        logger: engine.logger,
        random: this.#options.random,
        nextFileId: recovered.nextFileId,
        nextSequence: recovered.nextSequence,
      },
      new Publisher({
        onRoom: () => waiting.advance(),
        onSettled: () => turns.next(),
        onFailed: (error) => {
          failure = error
          this.#store?.fail(error)
        },
      }),
    )
    for (const memory of this.#memories) journal.addMemory(memory)
    this.#journal = journal
    try {
      // Makes recovery final and takes the epoch. No journal file is needed from then on.
      await checkpointer.run()
      // A chunk that holds replayed batches would have later checkpoints ask for frames that are gone now.
      engine.arena.beginAnew()
      await journalFiles.adopt()
      await journalFiles.prepare(1 + limits.journalReserveFiles)
      // There is no store yet to tell.
      if (failure !== undefined) throw failure
    } catch (error) {
      await journal.close()
      throw error
    }
    recycle = (replayFrom) => journalFiles.recycle(replayFrom)
    const control = new ControlFrames(engine, journal, waiting)
    removing = () => control.removing
    this.#waiting = waiting
    const store = new Store({
      engine,
      journal,
      journalFiles,
      checkpointer,
      control,
      waiting,
      turns,
      lock,
      leaderEpoch: this.#leaderEpoch,
      cleaner: this.#options.cleaner ?? {},
      scrub: this.#options.scrub ?? {},
      random: this.#options.random,
      onDamage: this.#options.onDamage ?? (() => {}),
      onFailure: this.#options.onFailure ?? (() => {}),
    })
    this.#store = store
    journalFiles.keepSpareAfter(FIRST_SPARE_AFTER_MS, engine.timers)
    await store.start()
    return store
  }

  async #settled(): Promise<void> {
    await this.#journal?.settled()
    if (this.#store?.diskState === 'failed') throw new Error('the store failed')
  }

  #createEngine(): Engine {
    const { disk, clock, timers, logger } = this.#options
    const limits = this.#limits
    const layout = this.#layout
    const partitions = new PartitionTable()
    const arena = new Arena({
      chunkBytes: limits.chunkBytes,
      limitBytes: limits.hotWindowBytes,
      reserveBytes: limits.hotWindowReserveBytes,
      onMemoryAdded: (memory) => {
        this.#memories.add(memory)
        this.#journal?.addMemory(memory)
      },
      onMemoryRemoved: (memory) => {
        this.#memories.delete(memory)
        this.#journal?.removeMemory(memory)
      },
    })
    const files = new FileCache(disk, openFilesWithin(limits, disk))
    const removals = new RemovalGate(disk, files, logger)
    const indexes = new IndexCache(files, limits.indexCacheBytes, limits.indexIntervalBytes)
    const writer = new SegmentWriter({
      disk,
      clock,
      arena,
      files,
      indexes,
      writeBytes: limits.flushWriteBytes,
      topicsDirectory: layout.topics,
    })
    const flusher = new Flusher({
      writer,
      arena,
      clock,
      timers,
      logger,
      intervalMs: limits.flushIntervalMs,
      syncBytes: limits.flushSyncBytes,
      lanes: limits.flushLanes,
      journalPressure: () => this.#journal?.pressure ?? 0,
      onRoom: () => this.#waiting?.advance(),
      onDiskFull: () => this.#store?.noteDiskFull(),
      onFailed: (error) => this.#store?.fail(error),
    })
    return {
      disk,
      clock,
      timers,
      logger,
      layout,
      limits,
      arena,
      files,
      indexes,
      writer,
      flusher,
      replaced: new ReplacedSegments({ removals, files, indexes }),
      removals,
      partitions,
      newPartition: (topicId, number) => this.#newPartition(partitions, topicId, number),
    }
  }

  #newPartition(partitions: PartitionTable, topicId: Uuid, number: number): Partition {
    const partition = new Partition({
      topicId,
      partition: number,
      topicName: '',
      internal: false,
      config: UNCLAIMED_CONFIG,
      directory: this.#layout.partition(topicId, number),
      maxProducers: this.#limits.maxProducersPerPartition,
      appendTimesBudget: this.#appendTimesBudget,
    })
    if (this.#store !== undefined) this.#beginEpoch(partition)
    partitions.add(partition)
    return partition
  }

  #beginEpoch(partition: Partition): void {
    partition.leaderEpoch = this.#leaderEpoch
    partition.epochs.begin(this.#leaderEpoch, partition.endOffset)
  }

  #createJournalFiles(): JournalFiles {
    const { disk, logger } = this.#options
    const limits = this.#limits
    return new JournalFiles({
      disk,
      logger,
      directory: this.#layout.journal,
      fileBytes: limits.journalFileBytes,
      maxFiles: limits.journalMaxFiles,
      spareFiles: 1 + limits.journalReserveFiles,
      onFree: () => this.#waiting?.advance(),
    })
  }

  async #readCheckpoint(): Promise<Checkpoint | undefined> {
    const { disk } = this.#options
    const path = this.#layout.checkpointFile
    if (await disk.exists(path)) {
      const file = await disk.open(path, 'read')
      try {
        const bytes = Buffer.alloc(await file.size())
        return readCheckpoint(bytes.subarray(0, await file.read(bytes, 0)))
      } finally {
        await file.close()
      }
    }
    // The first checkpoint is durable before there is a journal, which may be all that a young store has.
    const hasLogs = (await disk.list(this.#layout.topics)).length > 0
    const hasJournal = (await disk.list(this.#layout.journal)).some((name) => slotOf(name))
    if (hasLogs || hasJournal) {
      throw new LogStoreError('corrupt', `${path} is missing, but there are records`)
    }
    return undefined
  }
}

function openFilesWithin({ maxOpenFiles }: LogStoreLimits, { openFileLimit }: Disk): number {
  return Math.min(maxOpenFiles, Math.floor(openFileLimit * OPEN_FILES_SHARE))
}
