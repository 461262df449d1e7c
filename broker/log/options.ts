import type { Clock, Disk, Logger, Random, Timers } from '../../kit/index.ts'
import type { CleanerSettings } from './compaction/cleaner-settings.ts'
import type { JournalDeviceFactory } from './journal/device.ts'
import type { DamagedSegment } from './scrub/damaged-segment.ts'
import type { ScrubSettings } from './scrub/scrub-settings.ts'

/** Every bound and period of the storage engine. Sizes in bytes, periods in milliseconds. */
export interface LogStoreLimits {
  /** Unit of the arena. An append that is larger gets memory of its own. */
  readonly chunkBytes: number
  /** Memory for recent batches: what is not yet in segments, and the tail that readers share. */
  readonly hotWindowBytes: number
  /** Part of the hot window that only internal logs may fill. */
  readonly hotWindowReserveBytes: number
  /** Appends that wait for memory or journal space at once; more are refused as a storage error. */
  readonly maxWaitingAppends: number

  /** Size of one journal file, written with zeros before its first use. Bounds the largest append. */
  readonly journalFileBytes: number
  /** Most journal files; the journal never takes more than this times `journalFileBytes`. */
  readonly journalMaxFiles: number
  /** Journal files that only internal logs may start on, so that control works on a full disk. */
  readonly journalReserveFiles: number

  /** Age at which a batch goes to its segment even when nothing else asks for it. */
  readonly flushIntervalMs: number
  /** Largest single write to a segment file. */
  readonly flushWriteBytes: number
  /** Written but not yet synced bytes of a segment after which it is synced at once. */
  readonly flushSyncBytes: number
  /** Partitions that are flushed at the same time. */
  readonly flushLanes: number
  /** Longest time between checkpoints while there is something new. */
  readonly checkpointIntervalMs: number
  /** Time that background work takes before it lets the event loop run. */
  readonly sliceMs: number

  /** Distance in a segment between two entries of its index. */
  readonly indexIntervalBytes: number
  /** Memory for the indexes of segments that are not being written. */
  readonly indexCacheBytes: number
  /** Segment files open at once, if the system allows so many. */
  readonly maxOpenFiles: number
  /** Least that is read from a segment where it is not known how large the first batch is. */
  readonly readChunkBytes: number
  /** Reads from segment files at a time; half of libuv's threads, so that writes find one. */
  readonly readLanes: number
  /** Memory for such reads that is kept while nobody reads. */
  readonly idleReadBytes: number
  /** Memory for what readers far behind are expected to ask for next. */
  readonly readAheadBytes: number

  /** Free space below which ordinary appends are refused. */
  readonly minFreeBytes: number
  readonly freeSpaceCheckMs: number

  /** `log.retention.check.interval.ms` */
  readonly retentionCheckMs: number
  /** `producer.id.expiration.ms` */
  readonly producerExpirationMs: number
  /** `producer.id.expiration.check.interval.ms` */
  readonly producerExpirationCheckMs: number
  /** Producers remembered by one partition; the one that was silent longest is forgotten. */
  readonly maxProducersPerPartition: number

  /** `close` gives up its last flush and checkpoint after this; nothing acknowledged is lost by that. */
  readonly closeTimeoutMs: number
}

const KIB = 1024
const MIB = 1024 * KIB

export const DEFAULT_LOG_STORE_LIMITS: LogStoreLimits = {
  chunkBytes: 2 * MIB,
  hotWindowBytes: 256 * MIB,
  hotWindowReserveBytes: 8 * MIB,
  maxWaitingAppends: 100_000,
  journalFileBytes: 64 * MIB,
  journalMaxFiles: 32,
  journalReserveFiles: 1,
  flushIntervalMs: 10_000,
  flushWriteBytes: MIB,
  flushSyncBytes: 8 * MIB,
  flushLanes: 2,
  checkpointIntervalMs: 60_000,
  sliceMs: 3,
  indexIntervalBytes: 4 * KIB,
  indexCacheBytes: 64 * MIB,
  maxOpenFiles: 32_768,
  readChunkBytes: 256 * KIB,
  readLanes: 2,
  idleReadBytes: 16 * MIB,
  readAheadBytes: 16 * MIB,
  minFreeBytes: 512 * MIB,
  freeSpaceCheckMs: 1_000,
  retentionCheckMs: 300_000,
  producerExpirationMs: 86_400_000,
  producerExpirationCheckMs: 600_000,
  maxProducersPerPartition: 10_000,
  closeTimeoutMs: 8_000,
}

export interface LogStoreOptions {
  /** Everything of the engine lies below it; made when missing. */
  readonly directory: string
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  /** Keeps senders of records from forging journal frames (journal/frame.ts); a test may do without. */
  readonly random?: Random
  readonly logger: Logger
  /** `workerJournalDevice` on a machine, `inlineJournalDevice(disk)` on a simulated disk. */
  readonly journalDevice: JournalDeviceFactory
  readonly limits?: Partial<LogStoreLimits>
  readonly cleaner?: Partial<CleanerSettings>
  readonly scrub?: Partial<ScrubSettings>
  /** Told once of each segment that is found damaged. */
  readonly onDamage?: (damage: DamagedSegment) => void
  /** Told once when nothing can be written any more; the process should then exit and be started anew. */
  readonly onFailure?: (error: Error) => void
}
