import type { Clock, Disk, DiskFile, Timers, Uuid } from '../../../kit/index.ts'
import type { ReplacedSegments } from '../compaction/replaced-segments.ts'
import { codeOf } from '../errors.ts'
import type { Partition } from '../partition/partition.ts'
import type { Flusher } from '../segments/flusher.ts'
import { ByteWriter } from './byte-writer.ts'
import { checkpointHeader, writeHead, writePartition } from './checkpoint.ts'

export interface CheckpointerOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly directory: string
  readonly sliceMs: number
  readonly flusher: Flusher
  readonly replaced: ReplacedSegments
  /** Sequence of the first frame with a batch that is not in a segment file. */
  readonly firstNeededSequence: () => number
  readonly nextFileId: () => number
  /** Resolves once everything appended so far is durable in the journal; rejects when it never will be. */
  readonly journalSettled: () => Promise<void>
  readonly partitions: () => readonly Partition[]
  readonly dropped: () => readonly Uuid[]
  readonly leaderEpoch: number
  /** A checkpoint is durable: frames before `replayFrom` are needed no more. */
  readonly onDone: (replayFrom: number) => void
}

/**
 * Writes checkpoints: segments are synced, partitions are written down slice by slice, each as of
 * its own moment, and the file takes the place of the one before once the journal has made that
 * moment durable. Only then are journal files free.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions
  #running: Promise<boolean> | undefined
  #storing: Promise<void> | undefined
  #stopped = false
  count = 0

  constructor(options: CheckpointerOptions) {
    this.#options = options
  }

  /**
   * False when it had to be given up and should be tried again. Rejects with the disk's error.
   * `paced` takes its time, to leave the disk to the journal.
   */
  run(paced = false): Promise<boolean> {
    this.#running ??= this.#run(paced).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Resolves when none is being written. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => {})
  }

  /** From when it resolves, no checkpoint takes the place of the last one. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#storing?.catch(() => {})
  }

  async #run(paced: boolean): Promise<boolean> {
    const { replaced } = this.#options
    // Replaced before it begins, so named by none of it.
    const outdated = replaced.take()
    let isDone = false
    try {
      isDone = await this.#write(paced)
    } finally {
      if (!isDone) replaced.add(outdated)
    }
    if (isDone) await replaced.remove(outdated)
    return isDone
  }

  async #write(paced: boolean): Promise<boolean> {
    const { flusher } = this.#options
    const replayFrom = this.#options.firstNeededSequence()
    const { distrustCount } = flusher
    await flusher.syncAll(paced)
    const body = await this.#encode(replayFrom)
    await this.#options.journalSettled()
    // Batches before `replayFrom` came back from a file that failed: the journal still needs them.
    if (flusher.distrustCount !== distrustCount || this.#stopped) return false
    this.#storing = this.#store(body)
    await this.#storing
    this.count++
    this.#options.onDone(replayFrom)
    return true
  }

  async #encode(replayFrom: number): Promise<Buffer> {
    const { clock, timers, sliceMs, leaderEpoch } = this.#options
    const partitions = new ByteWriter()
    let partitionCount = 0
    let sliceEndMs = clock.monotonicMs() + sliceMs
    for (const partition of this.#options.partitions()) {
      if (clock.monotonicMs() >= sliceEndMs) {
        await new Promise<void>((resolve) => timers.after(1, resolve))
        sliceEndMs = clock.monotonicMs() + sliceMs
      }
      if (partition.state === 'dropped') continue
      writePartition(partitions, partition)
      partitionCount++
    }
    const head = new ByteWriter(1024)
    const dropped = this.#options.dropped()
    const nextFileId = this.#options.nextFileId()
    writeHead(head, { leaderEpoch, replayFrom, nextFileId, dropped, partitionCount })
    return Buffer.concat([head.bytes, partitions.bytes])
  }

  async #store(body: Buffer): Promise<void> {
    const { disk, directory } = this.#options
    const fresh = `${directory}/checkpoint.new`
    const file = await createAnew(disk, fresh)
    try {
      await file.write([checkpointHeader(body), body], 0)
      await file.sync()
    } finally {
      await file.close()
    }
    await disk.rename(fresh, `${directory}/checkpoint`)
    await disk.syncDirectory(directory)
  }
}

/** The file of an attempt that did not come to its end is in the way. */
async function createAnew(disk: Disk, path: string): Promise<DiskFile> {
  try {
    return await disk.open(path, 'create')
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    await disk.remove(path)
    return disk.open(path, 'create')
  }
}
