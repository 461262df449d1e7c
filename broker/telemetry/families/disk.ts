import type { LogStore } from '../../log/index.ts'
import type { Family, Sample } from '../family.ts'

interface DiskSources {
  readonly log: Pick<LogStore, 'diskSpace' | 'diskState'>
  readonly control: { readonly state: { readonly diskCapacityBytes: number | null } }
}

const MOVED_BY = 'broker/telemetry/families/disk.test.ts'

/** How much room there is for records: the broker's own limit counts, not only what the file system has. */
export function diskFamilies(sources: DiskSources): readonly Family[] {
  const family = (name: string, help: string, read: () => number | null): Family => ({
    ...{ name, help, type: 'gauge', labels: [], movedBy: MOVED_BY },
    *samples(): Iterable<Sample> {
      const value = read()
      if (value !== null) yield { labels: {}, value }
    },
  })
  return [
    family(
      'glasslog_disk_used_bytes',
      'What record batches and the journal take of the disk.',
      () => sources.log.diskSpace.usedBytes,
    ),
    family(
      'glasslog_disk_usable_bytes',
      'What they may take before records are refused: the limit of /v1/disk-capacity, or what is in use and free where that is less, without the floor.',
      () => usableBytes(sources),
    ),
    family(
      'glasslog_disk_full',
      '1 while records of producers are refused for want of room, otherwise 0.',
      () => (sources.log.diskState === 'full' ? 1 : 0),
    ),
  ]
}

/** Null until the file system was looked at. */
function usableBytes({ log, control }: DiskSources): number | null {
  const { usedBytes, freeBytes, floorBytes } = log.diskSpace
  if (freeBytes === null) return null
  const limitBytes = control.state.diskCapacityBytes ?? Number.POSITIVE_INFINITY
  return Math.max(0, Math.min(limitBytes, usedBytes + freeBytes) - floorBytes)
}
