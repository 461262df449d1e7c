import type { Cancel } from '../../../kit/index.ts'
import type { Engine } from '../engine.ts'
import { codeOf, reasonOf } from '../errors.ts'
import type { Partition } from '../partition/partition.ts'
import { CorruptSegmentError } from '../segments/index-file.ts'
import type { CleanableRange } from './cleanable-range.ts'
import { cleanableRange, needsCleaning } from './cleanable-range.ts'
import type { CleanerSettings } from './cleaner-settings.ts'
import { DEFAULT_CLEANER_SETTINGS } from './cleaner-settings.ts'
import type { CleaningTotals } from './cleaning.ts'
import { Cleaning, CleaningAborted } from './cleaning.ts'
import { IoThrottle } from './io-throttle.ts'

/** What telemetry reads. */
export interface CleanerStats {
  readonly readTotalBytes: number
  readonly writtenTotalBytes: number
  /** Cleanings of a log that came to their end. */
  readonly cleanedCount: number
  readonly failedCount: number
  readonly undecodableBatchCount: number
  /** Duration of the last cleaning that came to its end; 0 before the first. */
  readonly lastDurationMs: number
  /** Logs in which something corrupt was found; they are left alone until the next start. */
  readonly uncleanablePartitions: number
  /** What could be cleaned now, and the largest share of it in a log, from 0 to 1. */
  readonly dirtyBytes: number
  readonly maxDirtyRatio: number
  /** Files that were replaced and wait for the next checkpoint. */
  readonly replacedBytes: number
}

export interface CleanerOptions {
  readonly engine: Engine
  readonly settings: Partial<CleanerSettings>
  readonly checkpoint: () => Promise<unknown>
  readonly onDiskFull: () => void
}

/**
 * Compacts logs in the background, one at a time, always the one with the largest dirty share;
 * those that are overdue come whatever their share. When nothing needs it, it looks again after
 * `backoffMs`.
 */
export class Cleaner {
  readonly #options: CleanerOptions
  readonly #throttle: IoThrottle
  readonly #uncleanable = new WeakSet<Partition>()
  readonly #totals: CleaningTotals = {
    readTotalBytes: 0,
    writtenTotalBytes: 0,
    undecodableBatchCount: 0,
  }
  #settings: CleanerSettings
  #cancel: Cancel | undefined
  #running: Promise<void> | undefined
  #stopped = false
  #cleanedCount = 0
  #failedCount = 0
  #lastDurationMs = 0

  constructor(options: CleanerOptions) {
    this.#options = options
    const { clock, timers } = options.engine
    this.#throttle = new IoThrottle(clock, timers)
    this.#settings = { ...DEFAULT_CLEANER_SETTINGS, ...options.settings }
    this.#throttle.setRate(this.#settings.maxBytesPerSecond)
  }

  get settings(): CleanerSettings {
    return this.#settings
  }

  /** A cleaning under way keeps its memory; its rate changes at once. */
  configure(settings: Partial<CleanerSettings>): void {
    this.#settings = { ...this.#settings, ...settings }
    this.#throttle.setRate(this.#settings.maxBytesPerSecond)
    if (this.#cancel !== undefined) this.start()
  }

  /** Begins to look for work, first after `backoffMs`. */
  start(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#stopped) return
    this.#cancel = this.#options.engine.timers.after(this.#settings.backoffMs, () => {
      this.#cancel = undefined
      void this.cleanAll().finally(() => this.start())
    })
  }

  /** Resolves when no file is touched any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    this.#cancel = undefined
    this.#throttle.release()
    await this.#running
  }

  /** Cleans until no log needs it. Never rejects: what fails is left for the next round. */
  cleanAll(): Promise<void> {
    this.#running ??= this.#cleanAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** What is told of all logs looks at every one of them, once somebody reads it. */
  get stats(): CleanerStats {
    const uncleanable = () => this.#uncleanableCount()
    const dirt = () => this.#dirt()
    return {
      ...this.#totals,
      cleanedCount: this.#cleanedCount,
      failedCount: this.#failedCount,
      lastDurationMs: this.#lastDurationMs,
      get uncleanablePartitions() {
        return uncleanable()
      },
      get dirtyBytes() {
        return dirt().dirtyBytes
      },
      get maxDirtyRatio() {
        return dirt().maxDirtyRatio
      },
      replacedBytes: this.#options.engine.replaced.sizeBytes,
    }
  }

  #uncleanableCount(): number {
    let count = 0
    for (const partition of this.#options.engine.partitions.all()) {
      if (this.#uncleanable.has(partition)) count++
    }
    return count
  }

  #dirt() {
    const { partitions, clock } = this.#options.engine
    let dirtyBytes = 0
    let maxDirtyRatio = 0
    for (const partition of partitions.all()) {
      if (!isCompacted(partition)) continue
      const range = cleanableRange(partition, clock.now())
      dirtyBytes += range.cleanableBytes
      maxDirtyRatio = Math.max(maxDirtyRatio, range.dirtyRatio)
    }
    return { dirtyBytes, maxDirtyRatio }
  }

  async #cleanAll(): Promise<void> {
    const visited = new Set<Partition>()
    while (!this.#stopped && this.#settings.enabled) {
      const partition = this.#dirtiest(visited)
      if (partition === undefined) return
      visited.add(partition)
      await this.#clean(partition)
    }
  }

  /** Each log comes once in a round: what cannot be cleaned must not keep the others waiting. */
  #dirtiest(visited: ReadonlySet<Partition>): Partition | undefined {
    const nowMs = this.#options.engine.clock.now()
    let dirtiest: Partition | undefined
    let best: CleanableRange | undefined
    for (const partition of this.#options.engine.partitions.all()) {
      const isCandidate =
        isCompacted(partition) && !visited.has(partition) && !this.#uncleanable.has(partition)
      if (!isCandidate) continue
      const range = cleanableRange(partition, nowMs)
      if (!needsCleaning(partition, range)) continue
      if (best !== undefined && best.dirtyRatio >= range.dirtyRatio) continue
      dirtiest = partition
      best = range
    }
    return dirtiest
  }

  async #clean(partition: Partition): Promise<void> {
    const { engine, checkpoint } = this.#options
    const startedMs = engine.clock.monotonicMs()
    const beforeBytes = partition.segmentBytes
    try {
      await new Cleaning(partition, {
        engine,
        settings: this.#settings,
        throttle: this.#throttle,
        totals: this.#totals,
        checkpoint,
        isStopped: () => this.#stopped,
      }).run()
      this.#cleanedCount++
      this.#lastDurationMs = engine.clock.monotonicMs() - startedMs
      engine.logger.debug(
        { log: partition.describe(), beforeBytes, afterBytes: partition.segmentBytes },
        'compacted a log',
      )
    } catch (error) {
      this.#noteFailure(partition, error)
    }
  }

  #noteFailure(partition: Partition, error: unknown): void {
    // The log went away, or its oldest segments did.
    if (error instanceof CleaningAborted || codeOf(error) === 'ENOENT') return
    this.#failedCount++
    const { logger } = this.#options.engine
    const fields = { log: partition.describe(), error: reasonOf(error) }
    if (error instanceof CorruptSegmentError) {
      this.#uncleanable.add(partition)
      logger.error(fields, 'a log is corrupt and is not compacted any more')
      return
    }
    if (codeOf(error) === 'ENOSPC') this.#options.onDiskFull()
    logger.warn(fields, 'could not compact a log')
  }
}

function isCompacted(partition: Partition): boolean {
  return partition.state === 'open' && partition.claimed && partition.config.cleanup.compact
}
