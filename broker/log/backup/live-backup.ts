import type { Cancel, Uuid } from '../../../kit/index.ts'
import { readWholeFile } from '../../../kit/index.ts'
import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import { readCheckpoint } from '../checkpoint/checkpoint.ts'
import type { Checkpointer } from '../checkpoint/checkpointer.ts'
import type { Engine } from '../engine.ts'
import type { Journal } from '../journal/journal.ts'
import type { JournalFiles } from '../journal/journal-files.ts'
import type { PendingFrame } from '../pending-frame.ts'
import { segmentFileName } from '../segments/segment.ts'

/** A file of the data directory, and how much of it belongs to the cut. Paths are relative. */
export interface CutFile {
  readonly path: string
  readonly sizeBytes: number
}

/** How far a log went at the cut. */
export interface CutLog {
  readonly topicId: Uuid
  readonly partition: number
  readonly topicName: string
  readonly endOffset: number
}

/**
 * One moment of a running store: the checkpoint with the segments that it names, and the journal up
 * to the last frame that had been appended. Recovery brings back from these exactly what had been
 * appended before the moment, of all logs alike, as after a crash at which nothing was lost.
 */
export interface StoreCut {
  /** Content of the checkpoint's file; the file itself may have been replaced since. */
  readonly checkpoint: Buffer
  /** Sequence of the last frame that belongs to it. */
  readonly journalSequence: number
  /** Copied first: they are wanted for new records. */
  readonly journal: readonly CutFile[]
  readonly segments: readonly CutFile[]
  readonly logs: readonly CutLog[]
}

/** The files cannot be held for the copy, or not any longer; the message says why. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

export interface LiveBackupOptions {
  readonly engine: Engine
  readonly journal: Journal<PendingFrame>
  readonly journalFiles: JournalFiles
  readonly checkpointer: Checkpointer
  readonly isDiskFull: () => boolean
}

/** How often it is looked at whether the store needs back what is held. */
const WATCH_MS = 50
/** Fullness of the journal from which its files are needed for new records. */
const NEEDED_PRESSURE = 0.75
/**
 * A device of the journal that fails while the cut is made moves frames, and a segment that fails has
 * a checkpoint given up; then it is made once more.
 */
const MAX_ATTEMPTS = 3

/**
 * Holds the files of a running store while somebody copies them: segments are not removed and
 * journal files not used again. Appends never wait for it: when the journal or the disk runs full,
 * it is the backup that is given up.
 */
export class LiveBackup {
  readonly #options: LiveBackupOptions
  readonly #cancelWatch: Cancel
  #checkpoint: Buffer = Buffer.alloc(0)
  #facts: Checkpoint | undefined
  #isJournalHeld = true
  #isReleased = false
  #failure: string | null = null

  private constructor(options: LiveBackupOptions) {
    this.#options = options
    this.#cancelWatch = options.engine.timers.every(WATCH_MS, () => this.#watch())
  }

  /** From now on files are held. Throws a BackupError when they are already. */
  static async begin(options: LiveBackupOptions): Promise<LiveBackup> {
    const { engine, journalFiles, checkpointer } = options
    if (engine.removals.isShut) throw new BackupError('another backup is being made')
    if (options.isDiskFull()) throw new BackupError('the disk is full; make room first')
    engine.removals.shut()
    journalFiles.pin()
    const backup = new LiveBackup(options)
    try {
      // What one that runs already frees, it frees for a checkpoint from before.
      await checkpointer.idle()
      await writeCheckpoint(checkpointer)
      await backup.#readCheckpoint()
      return backup
    } catch (error) {
      await backup.release()
      throw error
    }
  }

  /** Why the files are not held any more, when that was not asked for. */
  get failure(): string | null {
    return this.#failure
  }

  /**
   * The moment is that of the call; resolves once all of it is durable. Throws a BackupError when
   * the store cannot make it durable or needed the files back.
   */
  async cut(): Promise<StoreCut> {
    const { journal } = this.#options
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const { restartCount } = journal
      const cut = this.#capture()
      const isDurable = await journal.settled()
      if (this.#failure !== null) throw new BackupError(this.#failure)
      if (isDurable && restartCount % 2 === 0 && journal.restartCount === restartCount) return cut
    }
    throw new BackupError('the journal fails; see the log of the broker')
  }

  /** The copy of the journal is complete; its files may be used again. */
  releaseJournal(): void {
    if (!this.#isJournalHeld) return
    this.#isJournalHeld = false
    this.#options.journalFiles.unpin()
  }

  /** Nothing is held any more. Idempotent. */
  async release(): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#cancelWatch()
    this.releaseJournal()
    await this.#options.engine.removals.open()
  }

  /** The store closes. */
  async abort(reason: string): Promise<void> {
    if (this.#isReleased) return
    this.#failure = reason
    await this.release()
  }

  #watch(): void {
    const { journal, isDiskFull } = this.#options
    if (this.#isJournalHeld && journal.pressure >= NEEDED_PRESSURE) {
      void this.abort(
        'the journal ran full before it was copied; copy faster, or at a quieter time',
      )
    } else if (isDiskFull()) {
      void this.abort('the disk ran full, and files that a backup holds had to go')
    }
  }

  async #readCheckpoint(): Promise<void> {
    const { disk, layout } = this.#options.engine
    const bytes = await readWholeFile(disk, layout.checkpointFile)
    if (bytes === null) throw new BackupError('there is no checkpoint')
    this.#checkpoint = bytes
    this.#facts = readCheckpoint(bytes)
  }

  #capture(): StoreCut {
    const { engine, journal } = this.#options
    const facts = this.#facts
    if (facts === undefined) throw new BackupError('there is no checkpoint')
    const { directory } = engine.layout
    const relative = (path: string): string => path.slice(directory.length + 1)
    const segments: CutFile[] = []
    for (const { topicId, partition, quarantined, segments: kept } of facts.partitions) {
      // Dropped since: the journal says so, and what it had is not wanted.
      if (quarantined || !engine.partitions.find(topicId, partition)) continue
      const home = relative(engine.layout.partition(topicId, partition))
      for (const { baseOffset, generation, sizeBytes } of kept) {
        const path = `${home}/${segmentFileName(baseOffset, generation, 'log')}`
        segments.push({ path, sizeBytes })
      }
    }
    const isAllInSegments = journal.nextSequence === facts.replayFrom
    const extent = isAllInSegments ? [] : journal.extent(facts.replayFrom)
    return {
      checkpoint: this.#checkpoint,
      journalSequence: journal.nextSequence - 1,
      journal: extent.map(({ path, sizeBytes }) => ({ path: relative(path), sizeBytes })),
      segments,
      logs: Array.from(engine.partitions.all())
        .filter(({ state }) => state === 'open')
        .map(({ topicId, partition, topicName, endOffset }) => {
          return { topicId, partition, topicName, endOffset }
        }),
    }
  }
}

/** The checkpoint from before will not do: it may name segments that went before they were held. */
async function writeCheckpoint(checkpointer: Checkpointer): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    if (await checkpointer.run(true)) return
  }
  throw new BackupError('no checkpoint can be written; see the log of the broker')
}
