import type { ScrubStats } from '../../log/index.ts'
import type { Family } from '../family.ts'
import { numbersOf } from './number-family.ts'

const MOVED_BY = 'broker/telemetry/families/scrub.test.ts'

interface ScrubSource {
  readonly stats: { readonly scrub: ScrubStats }
}

/** Reading closed segments again, to find damage of the disk. */
export function scrubFamilies(log: ScrubSource): readonly Family[] {
  const family = numbersOf(() => log.stats.scrub, MOVED_BY)
  return [
    family(
      'glasslog_scrub_read_bytes_total',
      'counter',
      'Bytes of closed segments that were read again.',
      ({ readTotalBytes }) => readTotalBytes,
    ),
    family(
      'glasslog_scrub_segments_total',
      'counter',
      'Segments that were read again to their end, or to damage.',
      ({ segmentCount }) => segmentCount,
    ),
    family(
      'glasslog_scrub_errors_total',
      'counter',
      'Segments that were found damaged, missing or unreadable, each time.',
      ({ damageCount }) => damageCount,
    ),
    family(
      'glasslog_scrub_damaged_segments',
      'gauge',
      'Segments that were found damaged since the start and are still there.',
      ({ damaged }) => damaged.length,
    ),
    family(
      'glasslog_scrub_repaired_indexes_total',
      'counter',
      'Indexes that did not agree with their segment and are made anew.',
      ({ repairedIndexCount }) => repairedIndexCount,
    ),
    family(
      'glasslog_scrub_last_completed_timestamp_seconds',
      'gauge',
      'When the last round over all segments came to its end; 0 before the first since the start.',
      ({ lastCompletedAtMs }) => lastCompletedAtMs / 1000,
    ),
  ]
}
