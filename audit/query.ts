import type { HistoryEntry, HistoryReader } from './history.ts'
import type { HistoryQuery } from './history-query.ts'
import type { HistoryRecord } from './record.ts'
import { candidatesIn, matchesCode, matchesOutcome } from './search/candidates.ts'
import { nameOfPrincipal, SEGMENT_RECORDS } from './search/columns.ts'
import type { HistoryIndex } from './search/history-index.ts'
import type { Mask } from './search/postings.ts'
import { searchText, searchWords } from './search/search-text.ts'
import type { Segment } from './search/segment.ts'

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
/** And reads so often: records that may match can lie far apart. */
const MAX_READS = 100
/** And looks into so many segments of the index. */
const MAX_SEGMENTS = 1024
/** Segments that are looked through at a time. */
const SEGMENTS_AHEAD = 4
/** Held in memory at a time. */
const READ_RECORDS = 100
/** Records that may match and are no further apart are read together. */
const MAX_GAP_RECORDS = 4

/**
 * One page of the records that match, in order of their sequence numbers. Without an index it looks
 * at one record after the other. Throws a HistoryQueryError.
 */
export async function queryHistory(
  history: HistoryReader,
  query: HistoryQuery,
  index?: HistoryIndex,
): Promise<HistoryPage> {
  const limit = query.limit ?? DEFAULT_PAGE_RECORDS
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_RECORDS) {
    throw new HistoryQueryError(`limit must be a whole number between 1 and ${MAX_PAGE_RECORDS}`)
  }
  const newestFirst = query.order !== 'oldest'
  const end = history.nextSeq
  const start = startOf(query, newestFirst, end)
  const page = new Page(history, query, limit, newestFirst)
  for await (const run of runs(query, { index, newestFirst, start, end })) {
    await page.take(run)
    if (page.isFull) return page.answer(newestFirst ? run.from : run.from + run.count)
  }
  return page.answer(null)
}

/** Records to be looked at, next to each other. No run at all where there is nothing to find. */
interface Run {
  readonly from: number
  readonly count: number
}

interface RunOptions {
  readonly index: HistoryIndex | undefined
  readonly newestFirst: boolean
  readonly start: number
  readonly end: number
}

/** What a query has to look at, in its order. A run of no records says how far the index was looked through. */
async function* runs(query: HistoryQuery, options: RunOptions): AsyncGenerator<Run> {
  const { index, newestFirst, start, end } = options
  const [low, high] = newestFirst ? [0, start] : [start, end]
  const indexed = Math.min(index?.end ?? 0, high)
  const unindexed = (): Iterable<Run> => wholeRuns(Math.max(low, indexed), high, newestFirst)
  if (newestFirst) yield* unindexed()
  if (index) yield* indexedRuns(query, index, { ...options, start: low, end: indexed })
  if (!newestFirst) yield* unindexed()
}

function* wholeRuns(low: number, high: number, newestFirst: boolean): Generator<Run> {
  const count = Math.ceil((high - low) / READ_RECORDS)
  for (let at = 0; at < count; at++) {
    const from = newestFirst
      ? Math.max(low, high - (at + 1) * READ_RECORDS)
      : low + at * READ_RECORDS
    const to = newestFirst ? high - at * READ_RECORDS : Math.min(high, from + READ_RECORDS)
    yield { from, count: to - from }
  }
}

async function* indexedRuns(
  query: HistoryQuery,
  index: HistoryIndex,
  { newestFirst, start: low, end: high }: RunOptions,
): AsyncGenerator<Run> {
  if (low >= high) return
  const first = Math.floor(low / SEGMENT_RECORDS)
  const last = Math.floor((high - 1) / SEGMENT_RECORDS)
  const segmentAt = (step: number): Segment =>
    index.segment(newestFirst ? last - step : first + step)
  // The disk works on the next segments while this one's records are read.
  const ahead: Promise<Mask | null>[] = []
  for (let step = 0; step <= last - first; step++) {
    while (ahead.length < SEGMENTS_AHEAD && step + ahead.length <= last - first) {
      const candidates = candidatesIn(segmentAt(step + ahead.length), query)
      // Whoever has its page does not wait for the rest.
      candidates.catch(() => {})
      ahead.push(candidates)
    }
    const segment = segmentAt(step)
    const mask = (await ahead.shift()) ?? null
    if (mask) {
      const from = Math.max(0, low - segment.first)
      const to = Math.min(mask.length, high - segment.first)
      const found = [...candidateRuns(mask, from, to)]
      if (newestFirst) found.reverse()
      for (const run of found) yield { from: segment.first + run.from, count: run.count }
    }
    yield { from: newestFirst ? segment.first : segment.first + segment.count, count: 0 }
  }
}

function* candidateRuns(mask: Uint8Array, from: number, to: number): Generator<Run> {
  let begin = -1
  let last = -1
  for (let at = from; at < to; at++) {
    if (mask[at] !== 1) continue
    if (begin >= 0 && (at - last > MAX_GAP_RECORDS || at - begin >= READ_RECORDS)) {
      yield { from: begin, count: last - begin + 1 }
      begin = -1
    }
    if (begin < 0) begin = at
    last = at
  }
  if (begin >= 0) yield { from: begin, count: last - begin + 1 }
}

/** A page on its way, with what it may cost. */
class Page {
  readonly #history: HistoryReader
  readonly #matches: Matcher
  readonly #limit: number
  readonly #newestFirst: boolean
  readonly #records: HistoryRecord[] = []
  #reads = 0
  #segments = 0
  #scannedRecords = 0
  #scannedBytes = 0
  /** Where the page ended in the middle of a run. */
  #stoppedAt: number | null = null

  constructor(history: HistoryReader, query: HistoryQuery, limit: number, newestFirst: boolean) {
    this.#history = history
    this.#matches = matcher(query)
    this.#limit = limit
    this.#newestFirst = newestFirst
  }

  get isFull(): boolean {
    return (
      this.#records.length === this.#limit ||
      this.#reads >= MAX_READS ||
      this.#segments >= MAX_SEGMENTS ||
      this.#scannedRecords >= MAX_SCANNED_RECORDS ||
      this.#scannedBytes >= MAX_SCANNED_BYTES
    )
  }

  async take({ from, count }: Run): Promise<void> {
    if (count === 0) this.#segments++
    else this.#reads++
    const entries = count === 0 ? [] : await readRange(this.#history, from, count)
    if (this.#newestFirst) entries.reverse()
    for (const [at, entry] of entries.entries()) {
      this.#scannedRecords++
      this.#scannedBytes += entry.bytes.length
      if (this.#matches(entry)) this.#records.push(entry.record)
      if (this.isFull && at < entries.length - 1) {
        const { seq } = entry.record
        this.#stoppedAt = this.#newestFirst ? seq : seq + 1
        return
      }
    }
  }

  answer(position: number | null): HistoryPage {
    const at = this.#stoppedAt ?? position
    const isEnd = at === null || (this.#newestFirst ? at === 0 : at >= this.#history.nextSeq)
    return { records: this.#records, next: isEnd ? null : cursorOf(this.#newestFirst, at) }
  }
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

/** Whether a record is one that the query asks for. */
export function matchesQuery(query: HistoryQuery): (record: HistoryRecord) => boolean {
  const { fromMs, toMs, principal, operation, resource, outcome, door, address, q } = query
  const words = q === undefined ? [] : searchWords(q)
  return (record) => {
    const timeMs = Date.parse(record.recordedAt)
    if (fromMs !== undefined && timeMs < fromMs) return false
    if (toMs !== undefined && timeMs >= toMs) return false
    if (principal !== undefined && !matchesPrincipal(record, principal)) return false
    if (operation !== undefined && !matchesCode(record.operation, operation)) return false
    if (resource !== undefined && !matchesResource(record, resource)) return false
    if (outcome !== undefined && !matchesOutcome(record.outcome.code, outcome)) return false
    if (door !== undefined && record.door !== door) return false
    if (address !== undefined && record.source.ip !== address) return false
    if (words.length === 0) return true
    const text = searchText(record)
    return words.every((word) => text.includes(word))
  }
}

function matcher(query: HistoryQuery): Matcher {
  const matches = matchesQuery(query)
  return ({ record }) => matches(record)
}

function matchesPrincipal({ actor }: HistoryRecord, wanted: string): boolean {
  return actor.principal === wanted || nameOfPrincipal(actor.principal) === wanted
}

function matchesResource({ resource }: HistoryRecord, wanted: string): boolean {
  const { kind, name, id } = resource
  return name === wanted || id === wanted || `${kind}:${name}` === wanted
}
