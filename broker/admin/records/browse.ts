import type { Clock } from '../../../kit/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import { notACursor, parseCursor, writeCursor } from '../http/paging.ts'
import { Problem } from '../http/problem.ts'
import { mergeScans } from './merge-scans.ts'
import type { Direction } from './partition-scan.ts'
import { PartitionScan } from './partition-scan.ts'
import type { RecordQuery } from './record-filter.ts'
import { recordVisitor } from './record-filter.ts'
import type { RecordView } from './record-view.ts'
import { ScanBudget } from './scan-budget.ts'

/** Where a first page begins, in each of the partitions. */
export type BrowseStart =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'time'; readonly timeMs: number }
  /** With the newest records; later pages go back in time. */
  | { readonly kind: 'tail' }

export interface BrowseRequest {
  /** The partitions to look into: open, and not too many. */
  readonly logs: readonly PartitionLog[]
  readonly start: BrowseStart
  readonly limit: number
  readonly cursor?: string | undefined
  readonly query: RecordQuery
}

export interface BrowsePage {
  /** By time. */
  readonly records: RecordView[]
  readonly next: string | null
  readonly scanned: { readonly records: number; readonly bytes: number }
}

/** Partitions of one request: each needs a read, and a place in the cursor. */
export const MAX_BROWSED_PARTITIONS = 64

const MAX_SHOWN_BYTES = 8 * 1024 * 1024
/** A shown record takes about so much beside its key and value. */
const VIEW_OVERHEAD_BYTES = 512

/** One page of the records that match, newest or oldest first, with a bound on what is looked at. */
export async function browseRecords(
  store: LogStore,
  clock: Clock,
  request: BrowseRequest,
): Promise<BrowsePage> {
  const { logs, limit, query } = request
  const direction: Direction = request.start.kind === 'tail' ? 'backward' : 'forward'
  const budget = new ScanBudget(clock)
  const visitor = recordVisitor(query)
  const positions = await positionsOf(store, request, direction)
  const scans = logs.map((log) => {
    const position = positions.get(log.partition) ?? log.logStartOffset
    return new PartitionScan({ store, log, direction, position, visitor, budget, maxHeld: limit })
  })
  const matches = await mergeScans({
    scans,
    direction,
    limit,
    maxShownBytes: MAX_SHOWN_BYTES,
    sizeOf: ({ sizeBytes }) => sizeBytes + VIEW_OVERHEAD_BYTES,
    budget,
  })
  const isDone = scans.every((scan) => !scan.head && scan.isAtEnd)
  const resume = scans.map(({ log, resumeAt }) => [log.partition, resumeAt] as const)
  const records = matches.map(({ shown }) => shown)
  return {
    records: direction === 'forward' ? records : records.reverse(),
    next: isDone ? null : writeCursor([direction, ...resume]),
    scanned: { records: budget.records, bytes: budget.bytes },
  }
}

async function positionsOf(
  store: LogStore,
  { logs, start, cursor }: BrowseRequest,
  direction: Direction,
): Promise<ReadonlyMap<number, number>> {
  if (cursor !== undefined) return readCursor(cursor, direction)
  const positions = await Promise.all(
    logs.map(async (log) => [log.partition, await positionOf(store, log, start)] as const),
  )
  return new Map(positions)
}

async function positionOf(store: LogStore, log: PartitionLog, start: BrowseStart): Promise<number> {
  switch (start.kind) {
    case 'earliest':
      return log.logStartOffset
    case 'tail':
      return log.highWatermark
    case 'time':
      return (await store.findByTime(log, start.timeMs))?.offset ?? log.highWatermark
    case 'offset': {
      if (start.offset >= log.logStartOffset && start.offset <= log.highWatermark)
        return start.offset
      const bounds = `${log.logStartOffset} to ${log.highWatermark}`
      const detail = `is outside of partition ${log.partition}, which has ${bounds}`
      throw new Problem('invalid-request', `offset ${detail}`, [{ where: 'offset', detail }])
    }
  }
}

/** A partition that the cursor does not name came later: it is read from its beginning. */
function readCursor(cursor: string, direction: Direction): ReadonlyMap<number, number> {
  const value = parseCursor(cursor)
  if (!Array.isArray(value) || value[0] !== direction) throw notACursor()
  const pairs = value.slice(1) as readonly unknown[]
  if (pairs.length > MAX_BROWSED_PARTITIONS || !pairs.every(isPair)) throw notACursor()
  return new Map(pairs)
}

function isPair(value: unknown): value is readonly [number, number] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((part) => Number.isSafeInteger(part) && part >= 0)
  )
}
