import type { Cancel, Random } from '../../../kit/index.ts'
import { IoThrottle } from '../compaction/io-throttle.ts'
import type { Engine } from '../engine.ts'
import { codeOf, reasonOf } from '../errors.ts'
import type { Partition } from '../partition/partition.ts'
import type { Segment } from '../segments/segment.ts'
import type { DamagedSegment } from './damaged-segment.ts'
import type { ScrubSettings } from './scrub-settings.ts'
import { DEFAULT_SCRUB_SETTINGS } from './scrub-settings.ts'
import { scrubSegment } from './segment-scrub.ts'

/** What telemetry reads. */
export interface ScrubStats {
  readonly readTotalBytes: number
  readonly segmentCount: number
  readonly damageCount: number
  readonly repairedIndexCount: number
  readonly roundCount: number
  /** Broker's clock when the last round came to its end; 0 before the first. */
  readonly lastCompletedAtMs: number
  /** Segments that were found damaged since the start and are still there. */
  readonly damaged: readonly DamagedSegment[]
}

export interface ScrubberOptions {
  readonly engine: Engine
  readonly settings: Partial<ScrubSettings>
  /** Chooses where a round begins; the first partition without it. */
  readonly random: Random | undefined
  /** Whether producers or consumers wait for the disk. */
  readonly isBusy: () => boolean
  readonly onDamage: (damage: DamagedSegment) => void
}

/** Small enough that nobody waits long behind one read. */
const READ_BYTES = 64 * 1024
/** After a start others need the disk. */
const FIRST_ROUND_MS = 60_000
const LEAST_PAUSE_MS = 60_000
/** How long it waits before it looks again whether others still wait. */
const YIELD_MS = 100
/** Damaged segments that are remembered; more are counted. */
const MAX_REMEMBERED = 1_000

class ScrubStopped extends Error {
  override readonly name = 'ScrubStopped'
}

/**
 * Reads closed segments again and again, slowly, so that damage of the disk is found while there is
 * still a backup without it. Never changes or removes records; an index that does not agree with its
 * segment is removed, because it is made anew out of it. Gives way to everybody else.
 */
export class Scrubber {
  readonly #options: ScrubberOptions
  readonly #throttle: IoThrottle
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  readonly #damaged = new Map<Segment, DamagedSegment>()
  #settings: ScrubSettings
  #cancel: Cancel | undefined
  #running: Promise<void> | undefined
  #stopped = false
  #readTotalBytes = 0
  #segmentCount = 0
  #damageCount = 0
  #repairedIndexCount = 0
  #roundCount = 0
  #lastCompletedAtMs = 0

  constructor(options: ScrubberOptions) {
    this.#options = options
    const { clock, timers } = options.engine
    this.#throttle = new IoThrottle(clock, timers)
    this.#settings = { ...DEFAULT_SCRUB_SETTINGS, ...options.settings }
    this.#throttle.setRate(this.#settings.bytesPerSecond)
  }

  get stats(): ScrubStats {
    for (const segment of this.#damaged.keys()) {
      if (segment.removed) this.#damaged.delete(segment)
    }
    return {
      readTotalBytes: this.#readTotalBytes,
      segmentCount: this.#segmentCount,
      damageCount: this.#damageCount,
      repairedIndexCount: this.#repairedIndexCount,
      roundCount: this.#roundCount,
      lastCompletedAtMs: this.#lastCompletedAtMs,
      damaged: [...this.#damaged.values()],
    }
  }

  /** The rate changes at once, the interval before the next round. */
  configure(settings: Partial<ScrubSettings>): void {
    this.#settings = { ...this.#settings, ...settings }
    this.#throttle.setRate(this.#settings.bytesPerSecond || Infinity)
    if (this.#cancel !== undefined) this.#next(FIRST_ROUND_MS)
  }

  start(): void {
    this.#next(FIRST_ROUND_MS)
  }

  /** Resolves when no file is read any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    this.#cancel = undefined
    this.#throttle.release()
    await this.#running
  }

  /** One round over all segments that are closed now. Never rejects. */
  round(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  get #isOn(): boolean {
    return !this.#stopped && this.#settings.bytesPerSecond > 0
  }

  #next(waitMs: number): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#stopped) return
    const { clock, timers } = this.#options.engine
    this.#cancel = timers.after(waitMs, () => {
      this.#cancel = undefined
      const startedMs = clock.monotonicMs()
      void this.round().finally(() => {
        const tookMs = clock.monotonicMs() - startedMs
        this.#next(Math.max(LEAST_PAUSE_MS, this.#settings.intervalMs - tookMs))
      })
    })
  }

  async #round(): Promise<void> {
    const { engine, random } = this.#options
    const partitions = [...engine.partitions.all()]
    // Many starts in a row must not leave the last partitions unread for ever.
    const first = partitions.length > 0 ? (random?.below(partitions.length) ?? 0) : 0
    for (const partition of [...partitions.slice(first), ...partitions.slice(0, first)]) {
      for (const segment of [...partition.segments]) {
        if (!this.#isOn) return
        if (isClosed(partition, segment)) await this.#scrub(partition, segment)
      }
    }
    if (!this.#isOn) return
    this.#roundCount++
    this.#lastCompletedAtMs = engine.clock.now()
  }

  async #scrub(partition: Partition, segment: Segment): Promise<void> {
    const { files, limits } = this.#options.engine
    try {
      const { doesIndexAgree } = await scrubSegment(segment, {
        files,
        buffer: this.#buffer,
        maxBatchBytes: limits.journalFileBytes * 2,
        onRead: (sizeBytes) => this.#beforeRead(partition, segment, sizeBytes),
      })
      this.#segmentCount++
      this.#damaged.delete(segment)
      if (!doesIndexAgree) await this.#removeIndex(partition, segment)
    } catch (error) {
      if (error instanceof ScrubStopped || segment.removed) return
      if (!partition.segments.includes(segment)) return
      this.#segmentCount++
      this.#noteDamage(partition, segment, error)
    }
  }

  /** Waits for its rate, and until nobody else waits for the disk. */
  async #beforeRead(partition: Partition, segment: Segment, sizeBytes: number): Promise<void> {
    const { isBusy, engine } = this.#options
    await this.#throttle.spend(sizeBytes)
    while (isBusy() && this.#isOn) {
      await new Promise<void>((resolve) => void engine.timers.after(YIELD_MS, resolve))
    }
    const isThere = !segment.removed && partition.state === 'open'
    if (!this.#isOn || !isThere) throw new ScrubStopped('it stops')
    this.#readTotalBytes += sizeBytes
  }

  #noteDamage(partition: Partition, segment: Segment, error: unknown): void {
    this.#damageCount++
    const isMissing = codeOf(error) === 'ENOENT'
    const detail = isMissing ? `${segment.logPath} is missing` : reasonOf(error)
    const damage = { topicName: partition.topicName, partition: partition.partition, detail }
    const isKnown = this.#damaged.has(segment)
    if (isKnown || this.#damaged.size < MAX_REMEMBERED) this.#damaged.set(segment, damage)
    if (isKnown) return
    this.#options.engine.logger.error({ log: partition.describe(), detail }, 'a segment is damaged')
    this.#options.onDamage(damage)
  }

  async #removeIndex(partition: Partition, segment: Segment): Promise<void> {
    const { files, indexes, disk, logger } = this.#options.engine
    this.#repairedIndexCount++
    logger.warn(
      { log: partition.describe(), path: segment.indexPath },
      'an index does not agree with its segment; it is made anew',
    )
    await partition.exclusive.run(async () => {
      files.forget(segment.indexPath)
      indexes.forget(segment)
      segment.indexEntries = -1
      await disk.remove(segment.indexPath).catch(() => {})
    })
  }
}

/** The last segment grows; what is not synced may still be lost by a crash, and come back otherwise. */
function isClosed(partition: Partition, segment: Segment): boolean {
  if (partition.state !== 'open' || segment.removed || !segment.isSynced) return false
  return segment !== partition.activeSegment && partition.segments.includes(segment)
}
