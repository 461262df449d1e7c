import type { JournalDeviceStats, LogStoreStats } from '../../log/index.ts'
import { FSYNC_BUCKETS_MS } from '../../log/index.ts'
import { countsSample } from '../counts-sample.ts'
import type { Family, HistogramSample } from '../family.ts'
import { numbersOf } from './number-family.ts'

const MOVED_BY = 'broker/telemetry/families/storage.test.ts'

interface StorageSource {
  readonly stats: LogStoreStats
}

/** The storage engine: its journal, the hot window, segments. */
export function storageFamilies(log: StorageSource): readonly Family[] {
  const family = numbersOf(() => log.stats, MOVED_BY)
  return [
    {
      name: 'glasslog_journal_fsync_duration_seconds',
      type: 'histogram',
      help: 'fdatasync of the journal: what every acks=all write waits for.',
      labels: [],
      movedBy: MOVED_BY,
      samples: () => [fsyncSample(log.stats.journal)],
    },
    family(
      'glasslog_journal_written_bytes_total',
      'counter',
      'Bytes written to the journal.',
      ({ journal }) => journal.writtenBytes,
    ),
    family(
      'glasslog_journal_writes_total',
      'counter',
      'Write calls to the journal; each takes all that is pending.',
      ({ journal }) => journal.writeCount,
    ),
    family(
      'glasslog_journal_pending_appends',
      'gauge',
      'Appends laid out in memory and not durable yet.',
      ({ journal }) => journal.pendingFrames,
    ),
    family(
      'glasslog_journal_pressure_ratio',
      'gauge',
      'Part of the journal in use; near 1 appends wait for segments to catch up.',
      ({ journal }) => journal.pressure,
    ),
    family(
      'glasslog_hot_window_bytes',
      'gauge',
      'Memory that holds recent batches.',
      ({ hotWindow }) => hotWindow.sizeBytes,
    ),
    family(
      'glasslog_hot_window_unwritten_bytes',
      'gauge',
      'Batches in memory that are in the journal but not in a segment yet.',
      ({ hotWindow }) => hotWindow.unwrittenBytes,
    ),
    family(
      'glasslog_reads_hot_total',
      'counter',
      'Reads of a partition answered from memory.',
      ({ reads }) => reads.hotCount,
    ),
    family(
      'glasslog_reads_cold_total',
      'counter',
      'Reads of a partition answered from segment files.',
      ({ reads }) => reads.coldCount,
    ),
    family(
      'glasslog_segments_written_bytes_total',
      'counter',
      'Bytes written to segment files.',
      ({ flusher }) => flusher.writtenTotalBytes,
    ),
    {
      name: 'glasslog_segments_sync_duration_seconds',
      type: 'histogram',
      help: 'fdatasync of segment files, before a checkpoint and now and then.',
      labels: [],
      movedBy: MOVED_BY,
      samples: () => [countsSample({}, log.stats.flusher.syncs)],
    },
    family(
      'glasslog_segments_syncs_total',
      'counter',
      'Segment files made durable.',
      ({ flusher }) => flusher.syncs.count,
    ),
    family(
      'glasslog_segments_read_bytes_total',
      'counter',
      'Bytes read from segment files, what was read ahead included.',
      ({ reads }) => reads.coldTotalBytes,
    ),
    family(
      'glasslog_journal_pending_bytes',
      'gauge',
      'Bytes laid out in memory and not durable yet.',
      ({ journal }) => journal.pendingBytes,
    ),
    family('glasslog_segments', 'gauge', 'Segment files.', ({ segments }) => segments),
    family(
      'glasslog_partitions',
      'gauge',
      'Partitions, internal ones too.',
      ({ partitions }) => partitions,
    ),
    family(
      'glasslog_appends_total',
      'counter',
      'Appends to the storage engine.',
      ({ appendCount }) => appendCount,
    ),
    family(
      'glasslog_appends_waiting',
      'gauge',
      'Appends that wait for memory or journal space.',
      ({ waitingAppends }) => waitingAppends,
    ),
    family(
      'glasslog_checkpoints_total',
      'counter',
      'Checkpoints taken.',
      ({ checkpointCount }) => checkpointCount,
    ),
  ]
}

function fsyncSample(stats: JournalDeviceStats): HistogramSample {
  let cumulative = 0
  const buckets = FSYNC_BUCKETS_MS.map((boundMs, n) => {
    cumulative += stats.fsyncBuckets[n] ?? 0
    return [boundMs / 1000, cumulative] as const
  })
  return { labels: {}, buckets, sum: stats.fsyncSumMs / 1000, count: stats.fsyncCount }
}
