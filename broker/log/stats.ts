import type { BucketCounts } from '../../kit/index.ts'
import type { CleanerStats } from './compaction/cleaner.ts'
import type { JournalDeviceStats } from './journal/device.ts'
import type { ScrubStats } from './scrub/scrubber.ts'

/** What telemetry reads: plain numbers, taken when asked. Those that end in `Count` or `TotalBytes` only grow. */
export interface LogStoreStats {
  readonly journal: JournalDeviceStats & {
    readonly pendingFrames: number
    /** Bytes of those frames. */
    readonly pendingBytes: number
    /** Part of the journal's files in use, 0 to 1. */
    readonly pressure: number
    readonly filesInUse: number
    readonly filesFree: number
  }
  readonly hotWindow: {
    /** Backing memory. */
    readonly sizeBytes: number
    /** Batches that are not in a segment. */
    readonly unwrittenBytes: number
    /** Chunks that left the window while readers look at them. */
    readonly retiredBytes: number
    readonly pressure: number
  }
  readonly flusher: {
    readonly dirtyPartitions: number
    readonly writtenTotalBytes: number
    /** Milliseconds of each fdatasync of a segment file. */
    readonly syncs: BucketCounts
    readonly distrustCount: number
  }
  readonly reads: {
    readonly hotCount: number
    readonly coldCount: number
    /** Read from segment files, what was read ahead included. */
    readonly coldTotalBytes: number
  }
  readonly cleaner: CleanerStats
  readonly scrub: ScrubStats
  readonly waitingAppends: number
  readonly appendCount: number
  readonly checkpointCount: number
  readonly openFiles: number
  readonly partitions: number
  readonly segments: number
}
