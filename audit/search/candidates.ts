import type { HistoryQuery } from '../history-query.ts'
import { DOORS } from '../record.ts'
import type { ColumnName } from './columns.ts'
import { textHash } from './columns.ts'
import { rangesOf } from './grams.ts'
import type { Mask } from './postings.ts'
import { searchWords } from './search-text.ts'
import type { Segment } from './segment.ts'

/** A gram that this part of the records has is not worth reading its list. */
const NEARLY_ALL = 0.8
/** So few candidates are looked at rather than narrowed down further. */
const FEW = 8

/**
 * Which records of a segment may match a query: a byte for each, 1 for those that must be looked
 * at. None that matches is left out.
 */
export async function candidatesIn(segment: Segment, query: HistoryQuery): Promise<Mask | null> {
  const { count } = segment
  const { fromMs, toMs } = query
  if (fromMs !== undefined && segment.maxTimeMs < fromMs) return null
  if (toMs !== undefined && segment.minTimeMs >= toMs) return null
  const mask = new Uint8Array(count).fill(1)
  for (const filter of columnFilters(segment, query)) {
    if (filter.wanted.length === 0) return null
    await keepColumn(segment, filter, mask)
  }
  if (fromMs !== undefined || toMs !== undefined) await keepTimes(segment, query, mask)
  if (query.q !== undefined) await keepWords(segment, query.q, mask)
  return mask.includes(1) ? mask : null
}

/** A record passes when one of the columns has one of the values. */
interface ColumnFilter {
  readonly columns: readonly ColumnName[]
  readonly wanted: readonly number[]
}

function columnFilters(segment: Segment, query: HistoryQuery): readonly ColumnFilter[] {
  const filters: ColumnFilter[] = []
  const { principal, operation, resource, outcome, door, address } = query
  const byHash = (columns: readonly ColumnName[], text: string): void => {
    filters.push({ columns, wanted: [textHash(text)] })
  }
  if (principal !== undefined) byHash(['principal', 'principalName'], principal)
  if (resource !== undefined) byHash(['resourceName', 'resourceId', 'kindAndName'], resource)
  if (address !== undefined) byHash(['address'], address)
  if (operation !== undefined) {
    const wanted = positionsWhere(segment.operations, (code) => matchesCode(code, operation))
    filters.push({ columns: ['operation'], wanted })
  }
  if (outcome !== undefined) {
    const wanted = positionsWhere(segment.outcomes, (code) => matchesOutcome(code, outcome))
    filters.push({ columns: ['outcome'], wanted })
  }
  if (door !== undefined) {
    filters.push({ columns: ['door'], wanted: [DOORS.indexOf(door)] })
  }
  return filters
}

function positionsWhere(
  texts: readonly string[],
  matches: (text: string) => boolean,
): readonly number[] {
  return texts.flatMap((text, position) => (matches(text) ? position : []))
}

/** A code, or the start of codes with a star. */
export function matchesCode(code: string, wanted: string): boolean {
  return wanted.endsWith('*') ? code.startsWith(wanted.slice(0, -1)) : code === wanted
}

/** An error's name, or `success`, or `failure`. */
export function matchesOutcome(code: string, wanted: string): boolean {
  if (wanted === 'success') return code === 'NONE'
  if (wanted === 'failure') return code !== 'NONE'
  return code === wanted
}

async function keepColumn(
  segment: Segment,
  { columns, wanted }: ColumnFilter,
  mask: Mask,
): Promise<void> {
  const passes = new Uint8Array(mask.length)
  for (const name of columns) {
    const column = await segment.column(name)
    for (const value of wanted) {
      for (let at = 0; at < passes.length; at++) if (column[at] === value) passes[at] = 1
    }
  }
  keepBoth(mask, passes)
}

/** Answers how many records are left. */
function keepBoth(mask: Mask, other: Mask): number {
  let left = 0
  for (let at = 0; at < mask.length; at++) {
    const kept = (mask[at] ?? 0) & (other[at] ?? 0)
    mask[at] = kept
    left += kept
  }
  return left
}

async function keepTimes(
  segment: Segment,
  { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY }: HistoryQuery,
  mask: Mask,
): Promise<void> {
  const times = await segment.column('timeMs')
  for (let at = 0; at < mask.length; at++) {
    const timeMs = times[at] ?? 0
    if (timeMs < fromMs || timeMs >= toMs) mask[at] = 0
  }
}

/** The rarest grams first: after a few of them there is little left to narrow down. */
async function keepWords(segment: Segment, q: string, mask: Mask): Promise<void> {
  const ranges = searchWords(q).flatMap(rangesOf)
  const found = await Promise.all(
    ranges.map(async (range) => {
      const lists = await segment.lists(range)
      return { lists, count: lists.reduce((sum, list) => sum + list.count, 0) }
    }),
  )
  const one = new Uint8Array(mask.length)
  for (const { lists, count } of found.sort((a, b) => a.count - b.count)) {
    // What nearly all records have narrows nothing down: the records themselves are looked at.
    if (count >= mask.length * NEARLY_ALL && lists.length === 1) return
    one.fill(0)
    for (const list of lists) await list.addTo(one)
    if (keepBoth(mask, one) <= FEW) return
  }
}
