import type { Cancel, Clock, Logger, Timers } from '../../../kit/index.ts'
import { codeOf, reasonOf } from '../errors.ts'
import type { Arena } from '../memory/arena.ts'
import type { Partition } from '../partition/partition.ts'
import { Queue } from '../queue.ts'
import type { SegmentWriter } from './segment-writer.ts'
import { LostDirectoryError, SyncError } from './segment-writer.ts'

/** How often it looks for something due while anything is unwritten. */
const TICK_MS = 20
/** Above this pressure nothing is paced: appends are about to wait. */
const UNPACED_PRESSURE = 0.8
/** Up to this fullness of the journal partitions keep their time: a checkpoint frees it, not a flush. */
const JOURNAL_AT_EASE = 0.5
const LONGEST_PAUSE_MS = 200
/** Partitions at once where speed is all that counts: recovery and close. */
const UNPACED_LANES = 16
/** Time over which a checkpoint spreads its syncs. */
const SYNC_SPREAD_MS = 3_000
const RETRY_MS = 1_000
/** A partition whose files fail again and again, on new files, takes the store down. */
const MAX_FAILURES_IN_ROW = 5

export interface FlusherOptions {
  readonly writer: SegmentWriter
  readonly arena: Arena
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly intervalMs: number
  readonly syncBytes: number
  readonly lanes: number
  /** How full the journal is, from 0 to 1. */
  readonly journalPressure: () => number
  /** Memory of the hot window came free. */
  readonly onRoom: () => void
  readonly onDiskFull: () => void
  readonly onFailed: (error: Error) => void
}

/**
 * Takes batches from the hot window to the segments, the longest waiting partition first. Paced to
 * what comes in: a partition is due after `intervalMs`, sooner the fuller window or journal are, and
 * what is due is spread over half of that time, because a burst of segment writes makes the
 * journal's fdatasync wait behind it (p99 275 ms instead of 2 ms).
 */
export class Flusher {
  readonly #options: FlusherOptions
  readonly #dirty = new Queue<Partition>()
  #unwrittenBytes = 0
  #activeLanes = 0
  #cancelTick: Cancel | undefined
  #stopped = false
  #isRushing = false
  #failuresInRow = 0
  /** Nothing is begun before: the disk refused. */
  #pausedUntilMs = 0
  /** Visits that pause between two writes. */
  readonly #sleepers = new Set<() => void>()
  /** How often batches that were written came back, because their file failed. */
  distrustCount = 0

  constructor(options: FlusherOptions) {
    this.#options = options
  }

  get dirtyPartitions(): number {
    return this.#dirty.size
  }

  get unwrittenBytes(): number {
    return this.#unwrittenBytes
  }

  /** The partition took `sizeBytes` of batches. */
  add(partition: Partition, sizeBytes: number): void {
    this.#unwrittenBytes += sizeBytes
    if (partition.dirtySinceMs >= 0) return
    partition.dirtySinceMs = this.#options.clock.monotonicMs()
    this.#dirty.push(partition)
    this.#arm()
  }

  /** Batches of a dropped partition need no writing. */
  discount(sizeBytes: number): void {
    this.#unwrittenBytes -= sizeBytes
  }

  /** Somebody waits for room. */
  hurry(): void {
    for (const wake of [...this.#sleepers]) wake()
    this.#fillLanes()
  }

  /** Writes everything of these logs that is durable in the journal now, and syncs it. Rejects when the disk refuses. */
  async flushAll(partitions: Iterable<Partition>): Promise<void> {
    const dirty = [...partitions].filter(({ hot }) => hot.unwritten < hot.end)
    await inLanes(dirty, async (partition) => {
      await this.#flush(partition, false)
    })
    await this.syncAll()
  }

  /**
   * Makes everything that was written to segments durable. Rejects when a file could not be synced,
   * or was not because the flusher stopped: a checkpoint must not believe that it was.
   * `paced` spreads the syncs, unless the window or the journal run full meanwhile.
   */
  async syncAll(paced = false): Promise<void> {
    const unsynced = [...this.#options.writer.unsynced]
    const sync = async (partition: Partition): Promise<void> => {
      if (this.#stopped) throw new Error('the flusher stopped')
      await partition.exclusive.run(() => this.#sync(partition))
    }
    if (!paced) return inLanes(unsynced, sync)
    const pauseMs = Math.min(LONGEST_PAUSE_MS / 10, SYNC_SPREAD_MS / unsynced.length)
    for (const [index, partition] of unsynced.entries()) {
      if (this.#isUrgent) return inLanes(unsynced.slice(index), sync)
      await sync(partition)
      await this.#sleep(pauseMs)
    }
  }

  /** From now on nothing is paced: the store is about to close. */
  rush(): void {
    this.#isRushing = true
    this.hurry()
  }

  stop(): void {
    this.#stopped = true
    this.#cancelTick?.()
    this.#cancelTick = undefined
    for (const wake of [...this.#sleepers]) wake()
  }

  get #pressure(): number {
    return Math.max(this.#options.arena.pressure, this.#options.journalPressure())
  }

  get #isUrgent(): boolean {
    return this.#isRushing || this.#pressure >= UNPACED_PRESSURE
  }

  /** Age at which a partition is due. */
  get #horizonMs(): number {
    const { arena, journalPressure, intervalMs } = this.#options
    const beyondEase = (journalPressure() - JOURNAL_AT_EASE) / (1 - JOURNAL_AT_EASE)
    const slack = 1 - Math.max(arena.pressure, beyondEase)
    return intervalMs * slack * slack
  }

  #arm(): void {
    if (this.#cancelTick || this.#stopped || this.#dirty.size === 0) return
    this.#cancelTick = this.#options.timers.after(TICK_MS, () => {
      this.#cancelTick = undefined
      this.#fillLanes()
      this.#arm()
    })
  }

  #fillLanes(): void {
    const nowMs = this.#options.clock.monotonicMs()
    while (this.#activeLanes < this.#options.lanes && this.#isDue(nowMs)) {
      const partition = this.#dirty.shift()
      if (partition === undefined) return
      partition.dirtySinceMs = -1
      this.#activeLanes++
      this.#runLane(partition).finally(() => {
        this.#activeLanes--
        this.#requeue(partition)
        if (!this.#stopped) this.#fillLanes()
      })
    }
  }

  #isDue(nowMs: number): boolean {
    const first = this.#dirty.at(0)
    if (first === undefined || this.#stopped || nowMs < this.#pausedUntilMs) return false
    return nowMs - first.dirtySinceMs >= this.#horizonMs
  }

  async #runLane(partition: Partition): Promise<void> {
    const { timers } = this.#options
    try {
      const writtenBytes = await this.#flush(partition, true)
      // What is there is not durable yet, and will not be before the event loop turns.
      if (writtenBytes === 0) await new Promise<void>((resolve) => timers.after(1, resolve))
    } catch {
      // Told to whom it concerns where it happened; the batches are still in the journal.
      this.#pausedUntilMs = this.#options.clock.monotonicMs() + RETRY_MS
    }
  }

  /** What is left, or was not durable yet, waits for its next turn. */
  #requeue(partition: Partition): void {
    if (partition.dirtySinceMs >= 0 || partition.hot.unwritten >= partition.hot.end) return
    if (partition.state !== 'open') return
    partition.dirtySinceMs = this.#options.clock.monotonicMs()
    this.#dirty.push(partition)
    this.#arm()
  }

  /** Spreads what is due over half of the time there is. */
  #pauseAfter(sizeBytes: number): Promise<void> {
    const part = sizeBytes / (this.#unwrittenBytes + sizeBytes)
    return this.#sleep(Math.min(LONGEST_PAUSE_MS, (part * this.#horizonMs) / 2))
  }

  /** Ends early when somebody waits for room. */
  #sleep(pauseMs: number): Promise<void> {
    if (pauseMs < 1 || this.#isUrgent) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#options.timers.after(pauseMs, () => wake())
      const wake = (): void => {
        this.#sleepers.delete(wake)
        cancel()
        resolve()
      }
      this.#sleepers.add(wake)
    })
  }

  /** Answers how many bytes it wrote. */
  async #flush(partition: Partition, paced: boolean): Promise<number> {
    // What is there now, not what comes in meanwhile: the others wait.
    const untilOffset = partition.durableOffset
    let writtenBytes = 0
    while (!this.#stopped && partition.writtenOffset < untilOffset) {
      const sizeBytes = await partition.exclusive.run(() => this.#writeSome(partition))
      if (sizeBytes === 0) break
      writtenBytes += sizeBytes
      this.#options.onRoom()
      if (paced) await this.#pauseAfter(sizeBytes)
    }
    return writtenBytes
  }

  async #writeSome(partition: Partition): Promise<number> {
    const sizeBytes = await this.#write(partition)
    const active = partition.activeSegment
    if (active && active.sizeBytes - active.syncedBytes >= this.#options.syncBytes) {
      await this.#sync(partition)
    }
    this.#failuresInRow = 0
    return sizeBytes
  }

  async #write(partition: Partition): Promise<number> {
    try {
      const sizeBytes = await this.#options.writer.writeSome(partition)
      this.#unwrittenBytes -= sizeBytes
      return sizeBytes
    } catch (error) {
      // A write for which there was no space took nothing away; it is tried again later.
      if (isFull(error) && !(error instanceof SyncError)) this.#options.onDiskFull()
      else this.#distrust(partition, error)
      throw error
    }
  }

  async #sync(partition: Partition): Promise<void> {
    try {
      await this.#options.writer.sync(partition)
    } catch (error) {
      this.#distrust(partition, error)
      throw error
    }
  }

  #distrust(partition: Partition, error: unknown): void {
    const { logger, onDiskFull, onFailed, writer } = this.#options
    if (isFull(error)) onDiskFull()
    this.distrustCount++
    this.#failuresInRow++
    logger.error(
      { log: partition.describe(), error: reasonOf(error) },
      'could not write a segment; its batches go to a new file',
    )
    const beforeBytes = partition.unwrittenBytes
    const inMemory = writer.distrust(partition)
    this.#unwrittenBytes += partition.unwrittenBytes - beforeBytes
    const isOver = error instanceof LostDirectoryError || this.#failuresInRow >= MAX_FAILURES_IN_ROW
    if (!inMemory || isOver) {
      onFailed(new Error(`segments of ${partition.describe()} cannot be written`, { cause: error }))
      return
    }
    this.#requeue(partition)
  }
}

function isFull(error: unknown): boolean {
  const cause = error instanceof SyncError ? error.cause : error
  return codeOf(cause) === 'ENOSPC'
}

/** As many at once as the disk makes one flush of; the first failure ends it. */
async function inLanes(
  partitions: readonly Partition[],
  action: (partition: Partition) => Promise<void>,
): Promise<void> {
  let next = 0
  let failed = false
  const lane = async (): Promise<void> => {
    for (let one = partitions[next++]; one && !failed; one = partitions[next++]) await action(one)
  }
  const lanes = Array.from({ length: UNPACED_LANES }, () =>
    lane().catch((error: unknown) => {
      failed = true
      throw error
    }),
  )
  const results = await Promise.allSettled(lanes)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
