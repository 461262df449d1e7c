import type { CleanerStats } from '../../log/index.ts'
import type { Family } from '../family.ts'
import { numbersOf } from './number-family.ts'

const MOVED_BY = 'broker/telemetry/families/compaction.test.ts'

interface CompactionSource {
  readonly stats: { readonly cleaner: CleanerStats }
}

/** Compaction of logs with `cleanup.policy=compact`. */
export function compactionFamilies(log: CompactionSource): readonly Family[] {
  const family = numbersOf(() => log.stats.cleaner, MOVED_BY)
  return [
    family(
      'glasslog_compactions_total',
      'counter',
      'Compactions of a log that came to their end.',
      ({ cleanedCount }) => cleanedCount,
    ),
    family(
      'glasslog_compaction_failures_total',
      'counter',
      'Compactions that ended early because of the disk or of damage.',
      ({ failedCount }) => failedCount,
    ),
    family(
      'glasslog_compaction_read_bytes_total',
      'counter',
      'Bytes that compaction read.',
      ({ readTotalBytes }) => readTotalBytes,
    ),
    family(
      'glasslog_compaction_written_bytes_total',
      'counter',
      'Bytes that compaction wrote.',
      ({ writtenTotalBytes }) => writtenTotalBytes,
    ),
    family(
      'glasslog_compaction_last_duration_seconds',
      'gauge',
      'How long the last compaction took that came to its end.',
      ({ lastDurationMs }) => lastDurationMs / 1000,
    ),
    family(
      'glasslog_compaction_dirty_bytes',
      'gauge',
      'Bytes that could be compacted now.',
      ({ dirtyBytes }) => dirtyBytes,
    ),
    family(
      'glasslog_compaction_max_dirty_ratio',
      'gauge',
      'Largest share of a log that could be compacted now.',
      ({ maxDirtyRatio }) => maxDirtyRatio,
    ),
    family(
      'glasslog_compaction_replaced_bytes',
      'gauge',
      'Files that were replaced and go with the next checkpoint.',
      ({ replacedBytes }) => replacedBytes,
    ),
    family(
      'glasslog_compaction_uncleanable_partitions',
      'gauge',
      'Partitions that are not compacted until the next start, because something in them is corrupt.',
      ({ uncleanablePartitions }) => uncleanablePartitions,
    ),
    family(
      'glasslog_compaction_undecodable_batches_total',
      'counter',
      'Batches that compaction kept because their records cannot be decoded.',
      ({ undecodableBatchCount }) => undecodableBatchCount,
    ),
  ]
}
