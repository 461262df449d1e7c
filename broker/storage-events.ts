import type { Cancel, Clock, Timers } from '../kit/index.ts'
import type { ReportEvent } from './events/index.ts'
import type { DamagedSegment, LogStore, LogStoreStats, RecoveryReport } from './log/index.ts'
import { FSYNC_BUCKETS_MS } from './log/index.ts'

/** What the storage engine calls; the rest is looked at by `watchStorage`. */
export function storageReports(report: ReportEvent): {
  readonly onDamage: (damage: DamagedSegment) => void
  readonly onFailure: (error: Error) => void
} {
  return {
    onDamage: ({ topicName: topic, partition, detail }) =>
      report({ kind: 'records-damaged', topic, partition, detail }),
    onFailure: (error) => report({ kind: 'storage-failed', detail: error.message }),
  }
}

/**
 * Reports what a start found. The last run ended badly when it left something to replay, or the file
 * that a stop removes (`wasLeft`).
 */
export function reportRecovery(
  recovery: RecoveryReport,
  wasLeft: boolean,
  report: ReportEvent,
): void {
  const { replayedBatches, replayedBytes, tornFrames, durationMs: tookMs } = recovery
  if (wasLeft || recovery.replayedFrames > 0 || tornFrames > 0) {
    report({ kind: 'unclean-start', replayedBatches, replayedBytes, tornFrames, tookMs })
  }
  for (const { topicName: topic, partition, reason: detail } of recovery.quarantined) {
    report({ kind: 'log-quarantined', topic, partition, detail })
  }
}

/** How often the engine is looked at. */
const LOOK_MS = 1000
/** Slower than that is a slow sync: one of the bounds of the histogram. */
export const SLOW_SYNC_MS = 250
const SLOW_BUCKET = FSYNC_BUCKETS_MS.indexOf(SLOW_SYNC_MS) + 1
/** What lasts so long is told; and again whenever it has lasted twice as long. */
const LASTING_MS = 5000
/** How late a timer may be before it is told that the process stood still. */
const LATE_MS = 2000

export interface WatchedStorage {
  readonly log: LogStore & { readonly stats: LogStoreStats }
  readonly clock: Clock
  readonly timers: Timers
  readonly report: ReportEvent
}

/** Looks at the storage engine once a second and reports what producers feel. Answers how to stop. */
export function watchStorage({ log, clock, timers, report }: WatchedStorage): Cancel {
  let isFull = false
  let syncs = syncsOf(log.stats)
  let lookedAtMs = clock.monotonicMs()
  const stall = new Lasting(lookedAtMs)
  const waiting = new Lasting(lookedAtMs)
  return timers.every(LOOK_MS, () => {
    const nowMs = clock.monotonicMs()
    const lateMs = nowMs - lookedAtMs - LOOK_MS
    lookedAtMs = nowMs
    if (lateMs >= LATE_MS) report({ kind: 'event-loop-stalled', stalledMs: lateMs })
    isFull = reportSpace(log, isFull, report)

    const { stats } = log
    const before = syncs
    syncs = syncsOf(stats)
    const slowSyncs = syncs.slow - before.slow
    const finished = syncs.all - before.all
    if (slowSyncs > 0) {
      report({ kind: 'disk-slow', slowSyncs, syncs: finished, slowMs: SLOW_SYNC_MS })
    }
    const { pendingFrames: waitingFrames } = stats.journal
    // What was pending before and still is has been waiting for all of the time in between.
    const stalledMs = stall.look(nowMs, waitingFrames > 0 && finished === 0)
    if (stalledMs !== null) report({ kind: 'fsync-stalled', stalledMs, waitingFrames })
    const { waitingAppends } = stats
    const waitingMs = waiting.look(nowMs, waitingAppends > 0)
    if (waitingMs !== null) report({ kind: 'appends-waiting', waiting: waitingAppends, waitingMs })
  })
}

/** Answers whether the disk is full now. */
function reportSpace(log: LogStore, wasFull: boolean, report: ReportEvent): boolean {
  const { diskState } = log
  // A store that failed says nothing of space any more.
  const isFull = diskState === 'failed' ? wasFull : diskState === 'full'
  if (isFull !== wasFull) {
    const { freeBytes, floorBytes } = log.diskSpace
    const kind = isFull ? 'disk-full' : 'disk-has-room'
    report({ kind, freeBytes: freeBytes ?? 0, floorBytes })
  }
  return isFull
}

interface Syncs {
  readonly all: number
  readonly slow: number
}

function syncsOf({ journal }: LogStoreStats): Syncs {
  let slow = 0
  for (let bucket = SLOW_BUCKET; bucket < journal.fsyncBuckets.length; bucket++) {
    slow += journal.fsyncBuckets[bucket] ?? 0
  }
  return { all: journal.fsyncCount, slow }
}

/** Something that is told once it has lasted, and seldom then. */
class Lasting {
  #sinceMs: number
  #tellAtMs = LASTING_MS

  constructor(nowMs: number) {
    this.#sinceMs = nowMs
  }

  /** For how long it has lasted, when that is to be told. */
  look(nowMs: number, isSo: boolean): number | null {
    if (!isSo) {
      this.#sinceMs = nowMs
      this.#tellAtMs = LASTING_MS
      return null
    }
    const lastsMs = nowMs - this.#sinceMs
    if (lastsMs < this.#tellAtMs) return null
    this.#tellAtMs = 2 * lastsMs
    return lastsMs
  }
}
