import { decodeRecord } from '../codec.ts'
import { ExportPieces } from '../export-pieces.ts'
import type { HistoryReader } from '../history.ts'
import type { HistoryQuery } from '../history-query.ts'
import type { HistoryPage } from '../query.ts'
import { MAX_PAGE_RECORDS } from '../query.ts'
import type { HistoryRecord } from '../record.ts'
import { toCloudEvent } from './cloud-event.ts'
import { toOcsfEvent } from './ocsf-event.ts'

/** What an export can look like: the records with proof, or events for other systems. */
export const EXPORT_FORMATS = ['jsonl', 'cloudevents', 'ocsf'] as const
export type EventFormat = Exclude<(typeof EXPORT_FORMATS)[number], 'jsonl'>

const FORMATTERS = { cloudevents: toCloudEvent, ocsf: toOcsfEvent } as const

/**
 * A record as one line of JSON, without a line break. Nobody hashes it, so its members stand as they
 * were made: the canonical form takes four times as long, and more memory than the event itself.
 */
export function formatEvent(format: EventFormat, record: HistoryRecord, origin: string): string {
  return JSON.stringify(FORMATTERS[format](record, origin))
}

/** Records that are read at a time. */
const READ_RECORDS = 250

/** The records from `from` up to `end` (all that there are when left out) as JSON lines. */
export async function* exportEvents(
  { history, origin }: { readonly history: HistoryReader; readonly origin: string },
  format: EventFormat,
  from = 0,
  end: number = history.nextSeq,
): AsyncGenerator<Buffer> {
  const last = Math.min(end, history.nextSeq)
  const pieces = new ExportPieces()
  // One record at a time, so that what it takes to format it is garbage before it is old.
  const take = (bytes: Uint8Array, seq: number): void =>
    pieces.writeText(`${formatEvent(format, decodeRecord(bytes, seq), origin)}\n`)
  for (let seq = from; seq < last; ) {
    seq += await history.scan(seq, Math.min(READ_RECORDS, last - seq), take)
    yield* pieces.takeFull()
  }
  yield* pieces.takeAll()
}

/**
 * What an export of events can be narrowed to, by the names of `GET /v1/audit`. A proof cannot: it
 * is that no record is missing.
 */
export const EXPORT_FILTERS = [
  'principal',
  'operation',
  'resource',
  'outcome',
  'door',
  'address',
  'q',
] as const
export type ExportFilter = Pick<HistoryQuery, (typeof EXPORT_FILTERS)[number]>

export interface QueriedHistory {
  readonly history: HistoryReader
  readonly origin: string
  query(query: HistoryQuery): Promise<HistoryPage>
}

/** The records of the same range that match, oldest first. Throws a HistoryQueryError for a bad filter. */
export async function* exportMatching(
  source: QueriedHistory,
  format: EventFormat,
  filter: ExportFilter,
  from = 0,
  end: number = source.history.nextSeq,
): AsyncGenerator<Buffer> {
  const last = Math.min(end, source.history.nextSeq)
  let cursor: string | undefined
  do {
    const page = await source.query({
      ...filter,
      order: 'oldest',
      limit: MAX_PAGE_RECORDS,
      ...(cursor === undefined ? {} : { cursor }),
    })
    const lines = page.records
      .filter(({ seq }) => seq >= from && seq < last)
      .map((record) => `${formatEvent(format, record, source.origin)}\n`)
    if (lines.length > 0) yield Buffer.from(lines.join(''))
    const isPast = (page.records.at(-1)?.seq ?? 0) >= last
    cursor = isPast ? undefined : (page.next ?? undefined)
  } while (cursor !== undefined)
}
