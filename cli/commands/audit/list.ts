import { EXPORT_FILTERS } from '../../../audit/index.ts'
import { CommandFailure, EXIT } from '../../exit-codes.ts'
import { renderRow } from '../../table.ts'
import { parseArguments, SOURCE_FLAGS, usage } from './flags.ts'
import { HISTORY_COLUMNS, HISTORY_WIDTHS, historyRow } from './history-row.ts'
import { openSource } from './source.ts'

/** Filters of `audit list`: the query parameters of `GET /v1/audit`. */
const FILTERS = ['from', 'to', ...EXPORT_FILTERS, 'order', 'cursor']

const DEFAULT_LIST_RECORDS = 100
const PAGE_RECORDS = 1000

/** `glasslog audit list`: the records that match, as a table or as JSON lines. */
export async function list(args: readonly string[]): Promise<number> {
  const { flags, words } = parseArguments(args, [...FILTERS, 'limit', ...SOURCE_FLAGS], ['json'])
  if (words.length > 0) throw usage(`audit list takes no ${words[0]}`)
  let left = Number(flags.get('limit') ?? DEFAULT_LIST_RECORDS)
  if (!Number.isSafeInteger(left) || left < 1) {
    throw new CommandFailure('--limit needs a whole number above 0', EXIT.usage)
  }
  const asJson = flags.has('json')
  const query: Record<string, string> = {}
  for (const name of FILTERS) {
    const value = flags.get(name)
    if (value !== undefined) query[name] = value
  }
  const source = await openSource(flags)
  try {
    if (!asJson) console.log(renderRow(HISTORY_COLUMNS, HISTORY_WIDTHS))
    for (;;) {
      const page = await source.page({ ...query, limit: String(Math.min(left, PAGE_RECORDS)) })
      for (const record of page.records) {
        console.log(asJson ? JSON.stringify(record) : renderRow(historyRow(record), HISTORY_WIDTHS))
      }
      left -= page.records.length
      if (page.next === null || left === 0) return EXIT.ok
      query.cursor = page.next
    }
  } finally {
    await source.close()
  }
}

/** `glasslog audit show SEQ`: one record with all that it has. */
export async function show(args: readonly string[]): Promise<number> {
  const { flags, words } = parseArguments(args, SOURCE_FLAGS)
  const [seq, ...rest] = words
  if (seq === undefined || !/^\d{1,15}$/.test(seq) || rest.length > 0) {
    throw usage('audit show needs a sequence number')
  }
  const source = await openSource(flags)
  try {
    console.log(JSON.stringify(await source.record(seq), null, 2))
    return EXIT.ok
  } finally {
    await source.close()
  }
}
