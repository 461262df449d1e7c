import type { Board } from '../board/board.ts'
import { DISK_FREE_RATIO, of, quantile, rate, sumBy } from '../board/expressions.ts'
import { graph, stat, UNIT } from '../board/panel.ts'
import { INSTANCE } from '../board/variables.ts'
import { BOARD } from './uids.ts'

/** How the disk does: the journal that every write waits for, the segments behind it, and what keeps them sound. */
export const storage: Board = {
  uid: BOARD.storage,
  title: 'Glasslog / Storage and journal',
  description:
    'How the disk does: the journal that every write waits for, the segments behind it, and the background work.',
  variables: [INSTANCE],
  rows: [
    {
      title: 'Disk',
      panels: [
        stat({
          title: 'Free',
          description: 'Free bytes of the file system that holds the data.',
          unit: UNIT.bytes,
          width: 4,
          query: { expr: `min(${of('glasslog_disk_free_bytes')})`, legend: 'free' },
        }),
        stat({
          title: 'Used',
          description:
            'Used part of that file system, or of what the broker may use of it, whichever is more.',
          unit: UNIT.ratio,
          width: 4,
          query: { expr: `1 - ${DISK_FREE_RATIO}`, legend: 'used' },
          limits: { warning: 0.8, bad: 0.9 },
        }),
        stat({
          title: 'Journal in use',
          description: 'Near one, writes wait until segments have caught up.',
          unit: UNIT.ratio,
          width: 4,
          query: { expr: `max(${of('glasslog_journal_pressure_ratio')})`, legend: 'in use' },
          limits: { warning: 0.7, bad: 0.9 },
        }),
        stat({
          title: 'fdatasync p99',
          description:
            'What every write with acks=all waits for. Above 20 ms the disk is slow or shared.',
          unit: UNIT.seconds,
          width: 4,
          query: {
            expr: quantile(0.99, '', 'glasslog_journal_fsync_duration_seconds'),
            legend: 'p99',
          },
          limits: { warning: 0.02, bad: 0.2 },
        }),
        stat({
          title: 'Appends waiting',
          description: 'Appends that wait for memory or room in the journal.',
          unit: UNIT.count,
          width: 4,
          query: { expr: sumBy('', of('glasslog_appends_waiting')), legend: 'waiting' },
          limits: { warning: 1, bad: 100 },
        }),
        stat({
          title: 'Damaged segments',
          description:
            'Segments that were read again and are not what was written. The log names them.',
          unit: UNIT.count,
          width: 4,
          query: { expr: sumBy('', of('glasslog_scrub_damaged_segments')), legend: 'damaged' },
          limits: { bad: 1 },
        }),
        graph({
          title: 'Disk',
          description:
            'Size and free bytes of the file system, what the broker has of it and how much it may have, and what topics keep.',
          unit: UNIT.bytes,
          width: 12,
          queries: [
            { expr: of('glasslog_disk_size_bytes'), legend: 'size {{instance}}' },
            { expr: of('glasslog_disk_free_bytes'), legend: 'free {{instance}}' },
            { expr: of('glasslog_disk_used_bytes'), legend: 'broker {{instance}}' },
            { expr: of('glasslog_disk_usable_bytes'), legend: 'broker, at most {{instance}}' },
            { expr: sumBy('instance', of('kafka_log_log_size')), legend: 'topics {{instance}}' },
          ],
        }),
        graph({
          title: 'Bytes written and read',
          description:
            'Every byte goes to the journal and later to a segment; reads are those that memory could not answer.',
          unit: UNIT.bytesPerSecond,
          width: 12,
          queries: [
            { expr: sumBy('', rate('glasslog_journal_written_bytes_total')), legend: 'journal' },
            { expr: sumBy('', rate('glasslog_segments_written_bytes_total')), legend: 'segments' },
            { expr: sumBy('', rate('glasslog_segments_read_bytes_total')), legend: 'reads' },
          ],
        }),
      ],
    },
    {
      title: 'Journal',
      panels: [
        graph({
          title: 'fdatasync of the journal',
          description: 'The floor of the latency of writes with acks=all.',
          unit: UNIT.seconds,
          width: 8,
          queries: [0.5, 0.99, 0.999].map((q) => ({
            expr: quantile(q, '', 'glasslog_journal_fsync_duration_seconds'),
            legend: `p${q * 100}`,
          })),
        }),
        graph({
          title: 'Appends and writes',
          description:
            'One write takes all that is pending: the further the two are apart, the more producers share an fdatasync.',
          unit: UNIT.perSecond,
          width: 8,
          queries: [
            { expr: sumBy('', rate('glasslog_appends_total')), legend: 'appends' },
            { expr: sumBy('', rate('glasslog_journal_writes_total')), legend: 'writes' },
          ],
        }),
        graph({
          title: 'Not durable yet',
          description: 'Bytes that were appended and that no fdatasync covers yet.',
          unit: UNIT.bytes,
          width: 8,
          queries: [{ expr: of('glasslog_journal_pending_bytes'), legend: '{{instance}}' }],
        }),
      ],
    },
    {
      title: 'Memory and segments',
      panels: [
        graph({
          title: 'Reads answered from memory',
          description:
            'Share of reads that needed no file. Consumers at the end of the log should be near one.',
          unit: UNIT.ratio,
          width: 8,
          queries: [
            {
              expr: `${sumBy('', rate('glasslog_reads_hot_total'))} / (${sumBy('', rate('glasslog_reads_hot_total'))} + ${sumBy('', rate('glasslog_reads_cold_total'))})`,
              legend: 'from memory',
            },
          ],
        }),
        graph({
          title: 'Window of recent batches',
          description:
            'Memory that holds recent batches, and the part of it that no segment has yet.',
          unit: UNIT.bytes,
          width: 8,
          queries: [
            { expr: of('glasslog_hot_window_bytes'), legend: 'held {{instance}}' },
            {
              expr: of('glasslog_hot_window_unwritten_bytes'),
              legend: 'not in segments {{instance}}',
            },
          ],
        }),
        graph({
          title: 'fsync of segments',
          description: 'Nobody waits for it but the journal, whose files can go afterwards.',
          unit: UNIT.seconds,
          width: 8,
          queries: [0.5, 0.99].map((q) => ({
            expr: quantile(q, '', 'glasslog_segments_sync_duration_seconds'),
            legend: `p${q * 100}`,
          })),
        }),
        graph({
          title: 'Partitions and segment files',
          description: 'Partitions, internal ones too, and their files.',
          unit: UNIT.count,
          width: 12,
          queries: [
            { expr: of('glasslog_partitions'), legend: 'partitions {{instance}}' },
            { expr: of('glasslog_segments'), legend: 'segments {{instance}}' },
          ],
        }),
        graph({
          title: 'Checkpoints',
          description:
            'Points from which a restart reads the journal. None for long: a restart takes longer.',
          unit: UNIT.perSecond,
          width: 12,
          queries: [{ expr: rate('glasslog_checkpoints_total'), legend: '{{instance}}' }],
        }),
      ],
    },
    {
      title: 'Compaction and scrubbing',
      isCollapsed: true,
      panels: [
        graph({
          title: 'Compaction',
          description: 'Bytes that compaction reads and writes.',
          unit: UNIT.bytesPerSecond,
          width: 8,
          queries: [
            { expr: sumBy('', rate('glasslog_compaction_read_bytes_total')), legend: 'read' },
            { expr: sumBy('', rate('glasslog_compaction_written_bytes_total')), legend: 'written' },
          ],
        }),
        graph({
          title: 'Compaction that could be done',
          description:
            'Bytes that compaction could look at now. It grows without end: compaction does not keep up.',
          unit: UNIT.bytes,
          width: 8,
          queries: [{ expr: of('glasslog_compaction_dirty_bytes'), legend: '{{instance}}' }],
        }),
        graph({
          title: 'Scrubbing',
          description: 'Bytes of closed segments that are read again to find damage.',
          unit: UNIT.bytesPerSecond,
          width: 8,
          queries: [
            { expr: sumBy('', rate('glasslog_scrub_read_bytes_total')), legend: 'read again' },
          ],
        }),
      ],
    },
  ],
}
