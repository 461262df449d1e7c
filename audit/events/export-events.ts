import { ExportPieces } from '../export-pieces.ts'
import type { HistoryReader } from '../history.ts'
import type { HistoryQuery } from '../history-query.ts'
import type { HistoryPage } from '../query.ts'
import { MAX_PAGE_RECORDS } from '../query.ts'
import { EventFormatter } from './event-formatter.ts'
import type { EventFormat } from './format-event.ts'
import { formatEvent } from './format-event.ts'
import type { EventTerms } from './stored-lines.ts'
import { writeEvent, writeStoredLine } from './stored-lines.ts'

/** What an export can look like: the records with proof, or events for other systems. */
export const EXPORT_FORMATS = ['jsonl', 'cloudevents', 'ocsf'] as const satisfies readonly (
  | 'jsonl'
  | EventFormat
)[]

/** Records that are read at a time. */
const READ_RECORDS = 250

/** For fewer it takes longer to start a thread than to make the events. */
const LEAST_FOR_A_THREAD = 5_000

/** The records from `from` up to `end` (all that there are when left out) as JSON lines. */
export async function* exportEvents(
  { history, origin }: { readonly history: HistoryReader; readonly origin: string },
  format: EventFormat,
  from = 0,
  end: number = history.nextSeq,
): AsyncGenerator<Uint8Array> {
  const range = { from, end: Math.min(end, history.nextSeq) }
  const exported = range.end - from < LEAST_FOR_A_THREAD ? exportHere : exportInThread
  yield* exported(history, { format, origin }, range)
}

interface Range {
  readonly from: number
  readonly end: number
}

async function* exportHere(
  history: HistoryReader,
  terms: EventTerms,
  { from, end }: Range,
): AsyncGenerator<Uint8Array> {
  const pieces = new ExportPieces()
  const take = (bytes: Uint8Array, seq: number): void => writeEvent(pieces, bytes, seq, terms)
  for (let seq = from; seq < end; ) {
    seq += await history.scan(seq, Math.min(READ_RECORDS, end - seq), take)
    yield* pieces.takeFull()
  }
  yield* pieces.takeAll()
}

async function* exportInThread(
  history: HistoryReader,
  terms: EventTerms,
  { from, end }: Range,
): AsyncGenerator<Uint8Array> {
  const formatter = new EventFormatter({ ...terms, firstSeq: from })
  const lines = new ExportPieces()
  const take = (bytes: Uint8Array): void => writeStoredLine(lines, bytes)
  try {
    for (let seq = from; seq < end; ) {
      seq += await history.scan(seq, Math.min(READ_RECORDS, end - seq), take)
      for (const piece of lines.takeFull()) yield* await formatter.format(piece)
    }
    for (const piece of lines.takeAll()) yield* await formatter.format(piece)
  } finally {
    await formatter.end()
  }
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
): AsyncGenerator<Uint8Array> {
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
