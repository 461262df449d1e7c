import type { HistoryEntry, HistoryReader } from './history.ts'
import type { HistoryRecord } from './record.ts'

/** Which records somebody wants to see. What is left out does not restrict. */
export interface HistoryQuery {
  /** Recorded at or after, and before (milliseconds since the epoch). */
  readonly fromMs?: number
  readonly toMs?: number
  /** The whole principal (`User:alice`) or its name alone. */
  readonly principal?: string
  /** A code (`topic.create`), or the start of one with a star (`topic.*`). */
  readonly operation?: string
  /** A resource's name, its id, or `kind:name`. */
  readonly resource?: string
  /** An error's name, or `success`, or `failure`. */
  readonly outcome?: string
  /** Words anywhere in the record, in any case. */
  readonly q?: string
  /** `newest` first unless said otherwise. */
  readonly order?: 'newest' | 'oldest'
  readonly limit?: number
  /** Where the page before ended, as its `next` said. */
  readonly cursor?: string
}

export interface HistoryPage {
  readonly records: readonly HistoryRecord[]
  /** Cursor of the next page; null at the end. A page can be short, even empty, and still have a next. */
  readonly next: string | null
}

/** The query itself is wrong; the message says how. */
export class HistoryQueryError extends Error {
  override readonly name = 'HistoryQueryError'
}

export const DEFAULT_PAGE_RECORDS = 100
export const MAX_PAGE_RECORDS = 1000
/** One page looks at so many records at most, so that a rare match cannot occupy the process. */
export const MAX_SCANNED_RECORDS = 5000
/** And at so many bytes: a record of a refused request may have hundreds of kilobytes. */
export const MAX_SCANNED_BYTES = 32 * 1024 * 1024
/** Held in memory at a time. */
const READ_RECORDS = 100

/** One page of the records that match, in order of their sequence numbers. Throws a HistoryQueryError. */
export async function queryHistory(
  history: HistoryReader,
  query: HistoryQuery,
): Promise<HistoryPage> {
  const limit = query.limit ?? DEFAULT_PAGE_RECORDS
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_RECORDS) {
    throw new HistoryQueryError(`limit must be a whole number between 1 and ${MAX_PAGE_RECORDS}`)
  }
  const newestFirst = query.order !== 'oldest'
  const matches = matcher(query)
  const end = history.nextSeq
  let position = startOf(query, newestFirst, end)
  const records: HistoryRecord[] = []
  let scannedRecords = 0
  let scannedBytes = 0
  const isFull = (): boolean =>
    records.length === limit ||
    scannedRecords >= MAX_SCANNED_RECORDS ||
    scannedBytes >= MAX_SCANNED_BYTES
  while (newestFirst ? position > 0 : position < end) {
    if (isFull()) return { records, next: cursorOf(newestFirst, position) }
    const from = newestFirst ? Math.max(0, position - READ_RECORDS) : position
    const size = newestFirst ? position - from : READ_RECORDS
    const chunk = await readRange(history, from, size)
    if (newestFirst) chunk.reverse()
    for (const entry of chunk) {
      if (isFull()) break
      scannedRecords++
      scannedBytes += entry.bytes.length
      position = newestFirst ? entry.record.seq : entry.record.seq + 1
      if (matches(entry)) records.push(entry.record)
    }
  }
  return { records, next: null }
}

/** Exactly the records from `from` on, `size` of them or up to the end. */
async function readRange(
  history: HistoryReader,
  from: number,
  size: number,
): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = []
  const end = Math.min(from + size, history.nextSeq)
  while (from + entries.length < end) {
    entries.push(...(await history.read(from + entries.length, end - from - entries.length)))
  }
  return entries
}

/** Below (newest first) or from (oldest first) which sequence number the page looks. */
function startOf(query: HistoryQuery, newestFirst: boolean, end: number): number {
  if (query.cursor === undefined) return newestFirst ? end : 0
  const match = /^([no])(\d{1,15})$/.exec(query.cursor)
  const expected = newestFirst ? 'n' : 'o'
  if (match?.[1] !== expected)
    throw new HistoryQueryError('cursor is not one that a page ended with')
  return Math.min(Number(match[2]), end)
}

function cursorOf(newestFirst: boolean, position: number): string {
  return `${newestFirst ? 'n' : 'o'}${position}`
}

type Matcher = (entry: HistoryEntry) => boolean

function matcher(query: HistoryQuery): Matcher {
  const tests: Matcher[] = []
  const { fromMs, toMs, principal, operation, resource, outcome, q } = query
  if (fromMs !== undefined) tests.push(({ record }) => Date.parse(record.recordedAt) >= fromMs)
  if (toMs !== undefined) tests.push(({ record }) => Date.parse(record.recordedAt) < toMs)
  if (principal !== undefined) tests.push(principalMatcher(principal))
  if (operation !== undefined) tests.push(operationMatcher(operation))
  if (resource !== undefined) tests.push(resourceMatcher(resource))
  if (outcome !== undefined) tests.push(outcomeMatcher(outcome))
  if (q !== undefined) tests.push(textMatcher(q))
  return (entry) => tests.every((test) => test(entry))
}

function principalMatcher(wanted: string): Matcher {
  return ({ record }) => {
    const { principal } = record.actor
    return principal === wanted || principal.slice(principal.indexOf(':') + 1) === wanted
  }
}

function operationMatcher(wanted: string): Matcher {
  if (!wanted.endsWith('*')) return ({ record }) => record.operation === wanted
  const start = wanted.slice(0, -1)
  return ({ record }) => record.operation.startsWith(start)
}

function resourceMatcher(wanted: string): Matcher {
  return ({ record }) => {
    const { kind, name, id } = record.resource
    return name === wanted || id === wanted || `${kind}:${name}` === wanted
  }
}

function outcomeMatcher(wanted: string): Matcher {
  if (wanted === 'success') return ({ record }) => record.outcome.code === 'NONE'
  if (wanted === 'failure') return ({ record }) => record.outcome.code !== 'NONE'
  return ({ record }) => record.outcome.code === wanted
}

function textMatcher(wanted: string): Matcher {
  const needle = wanted.toLowerCase()
  return ({ bytes }) => Buffer.from(bytes).toString().toLowerCase().includes(needle)
}
