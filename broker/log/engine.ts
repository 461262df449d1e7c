import type { Clock, Disk, Logger, Timers, Uuid } from '../../kit/index.ts'
import type { RemovalGate } from './backup/removal-gate.ts'
import type { ReplacedSegments } from './compaction/replaced-segments.ts'
import type { Layout } from './layout.ts'
import type { Arena } from './memory/arena.ts'
import type { LogStoreLimits } from './options.ts'
import type { Partition } from './partition/partition.ts'
import type { PartitionTable } from './partition/partition-table.ts'
import type { FileCache } from './segments/file-cache.ts'
import type { Flusher } from './segments/flusher.ts'
import type { IndexCache } from './segments/index-cache.ts'
import type { SegmentWriter } from './segments/segment-writer.ts'

/** The parts that recovery and the running store share. */
export interface Engine {
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly layout: Layout
  readonly limits: LogStoreLimits
  readonly arena: Arena
  readonly files: FileCache
  readonly indexes: IndexCache
  readonly writer: SegmentWriter
  readonly flusher: Flusher
  readonly replaced: ReplacedSegments
  readonly removals: RemovalGate
  readonly partitions: PartitionTable
  /** Adds a log with the configuration that holds until somebody claims it. */
  newPartition(topicId: Uuid, partition: number): Partition
}
