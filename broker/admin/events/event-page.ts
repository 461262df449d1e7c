import type { Clock } from '../../../kit/index.ts'
import { decodeEvent } from '../../events/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import { notACursor, parseCursor, writeCursor } from '../http/paging.ts'
import type { Visitor } from '../records/partition-scan.ts'
import { PartitionScan } from '../records/partition-scan.ts'
import { ScanBudget } from '../records/scan-budget.ts'
import type { EventFilter } from './event-filter.ts'
import type { EventView } from './event-view.ts'
import { viewEvent } from './event-view.ts'

/** Visits records of `__events`; what no broker of ours wrote is left out. */
export function eventVisitor(filter: EventFilter): Visitor<EventView> {
  return {
    record({ record }) {
      const stored = decodeEvent(record.value)
      if (stored === null) return null
      const view = viewEvent(record.offset, stored)
      return filter.matches(view) ? view : null
    },
    unreadable: () => null,
  }
}

export interface EventPageRequest {
  readonly log: PartitionLog
  readonly filter: EventFilter
  readonly order: 'newest' | 'oldest'
  readonly limit: number
  readonly cursor: string | undefined
}

export interface EventPage {
  readonly events: EventView[]
  readonly next: string | null
}

/** One page of the events that match. A page looks at so much and no more, so it may have few, or none, and a next. */
export async function readEventPage(
  store: LogStore,
  clock: Clock,
  { log, filter, order, limit, cursor }: EventPageRequest,
): Promise<EventPage> {
  const direction = order === 'newest' ? 'backward' : 'forward'
  // Times of telling do not go back, but for a clock that was set: then a few more are looked at.
  const firstOffset = await offsetAt(store, log, filter.fromMs)
  const endOffset = await offsetAt(store, log, filter.toMs)
  const start = order === 'newest' ? endOffset : firstOffset
  const position = cursor === undefined ? start : readCursor(cursor, order)
  const budget = new ScanBudget(clock)
  const visitor = eventVisitor(filter)
  const scan = new PartitionScan({
    ...{ store, log, direction, position, visitor, budget, maxHeld: limit },
  })
  const isPast = (): boolean =>
    scan.isAtEnd || (order === 'newest' ? scan.resumeAt <= firstOffset : scan.resumeAt >= endOffset)
  const events: EventView[] = []
  while (events.length < limit) {
    const found = scan.take()
    if (found) {
      events.push(found.shown)
      continue
    }
    if (isPast() || budget.isSpent) break
    await scan.advance()
    await letOthersRun()
  }
  const isDone = !scan.head && isPast()
  return { events, next: isDone ? null : writeCursor([order, scan.resumeAt]) }
}

/** Where events of a time begin; the end when there are none. */
async function offsetAt(store: LogStore, log: PartitionLog, timeMs: number): Promise<number> {
  if (timeMs <= 0) return log.logStartOffset
  if (timeMs === Infinity) return log.highWatermark
  return (await store.findByTime(log, timeMs))?.offset ?? log.highWatermark
}

function readCursor(cursor: string, order: string): number {
  const value = parseCursor(cursor)
  if (!Array.isArray(value) || value.length !== 2 || value[0] !== order) throw notACursor()
  const position: unknown = value[1]
  if (!Number.isSafeInteger(position) || Number(position) < 0) throw notACursor()
  return Number(position)
}

/** Reads from memory do not wait for anything: without this a scan would keep everybody waiting. */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
