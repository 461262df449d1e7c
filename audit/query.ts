import type { HistoryReader } from './history.ts'
import { canonicalJson } from './json.ts'
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
const READ_RECORDS = 500

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
  let scanned = 0
  while (newestFirst ? position > 0 : position < end) {
    if (records.length === limit || scanned >= MAX_SCANNED_RECORDS) {
      return { records, next: cursorOf(newestFirst, position) }
    }
    const from = newestFirst ? Math.max(0, position - READ_RECORDS) : position
    const size = newestFirst ? position - from : READ_RECORDS
    const chunk = await readRange(history, from, size)
    if (newestFirst) chunk.reverse()
    for (const record of chunk) {
      if (records.length === limit) break
      scanned++
      position = newestFirst ? record.seq : record.seq + 1
      if (matches(record)) records.push(record)
    }
  }
  return { records, next: null }
}

/** Exactly the records from `from` on, `size` of them or up to the end. */
async function readRange(
  history: HistoryReader,
  from: number,
  size: number,
): Promise<HistoryRecord[]> {
  const records: HistoryRecord[] = []
  const end = Math.min(from + size, history.nextSeq)
  while (from + records.length < end) {
    const entries = await history.read(from + records.length, end - from - records.length)
    for (const entry of entries) records.push(entry.record)
  }
  return records
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

type Matcher = (record: HistoryRecord) => boolean

function matcher(query: HistoryQuery): Matcher {
  const tests: Matcher[] = []
  const { fromMs, toMs, principal, operation, resource, outcome, q } = query
  if (fromMs !== undefined) tests.push((record) => Date.parse(record.recordedAt) >= fromMs)
  if (toMs !== undefined) tests.push((record) => Date.parse(record.recordedAt) < toMs)
  if (principal !== undefined) {
    tests.push(
      ({ actor }) => actor.principal === principal || nameOf(actor.principal) === principal,
    )
  }
  if (operation !== undefined) tests.push(operationMatcher(operation))
  if (resource !== undefined) {
    tests.push(
      ({ resource: { kind, name, id } }) =>
        name === resource || id === resource || `${kind}:${name}` === resource,
    )
  }
  if (outcome !== undefined) tests.push(outcomeMatcher(outcome))
  if (q !== undefined) {
    const needle = q.toLowerCase()
    tests.push((record) =>
      canonicalJson({ ...record })
        .toLowerCase()
        .includes(needle),
    )
  }
  return (record) => tests.every((test) => test(record))
}

const nameOf = (principal: string): string => principal.slice(principal.indexOf(':') + 1)

function operationMatcher(operation: string): Matcher {
  if (!operation.endsWith('*')) return (record) => record.operation === operation
  const start = operation.slice(0, -1)
  return (record) => record.operation.startsWith(start)
}

function outcomeMatcher(outcome: string): Matcher {
  if (outcome === 'success') return (record) => record.outcome.code === 'NONE'
  if (outcome === 'failure') return (record) => record.outcome.code !== 'NONE'
  return (record) => record.outcome.code === outcome
}
