import type { HistoryQuery } from './history-query.ts'
import { HistoryQueryError } from './query.ts'
import { DOORS } from './record.ts'

const TEXT_NAMES = [
  'principal',
  'operation',
  'resource',
  'outcome',
  'address',
  'q',
  'cursor',
] as const

/**
 * A query as text, from a URL or a command line, under the names of `GET /v1/audit`: from, to
 * (RFC 3339), principal, operation, resource, outcome, door, address, q, order, limit, cursor. Empty ones count as
 * left out. Throws a HistoryQueryError that names every fault.
 */
export function parseHistoryQuery(
  parameters: Readonly<Record<string, string | undefined>>,
): HistoryQuery {
  const faults: string[] = []
  const given = (name: string): string | undefined => parameters[name] || undefined
  const query: { -readonly [Name in keyof HistoryQuery]: HistoryQuery[Name] } = {}

  for (const name of TEXT_NAMES) {
    const text = given(name)
    if (text !== undefined) query[name] = text
  }
  for (const [name, key] of [
    ['from', 'fromMs'],
    ['to', 'toMs'],
  ] as const) {
    const text = given(name)
    if (text === undefined) continue
    const timeMs = Date.parse(text)
    if (Number.isNaN(timeMs)) faults.push(`${name} must be a time such as 2026-01-31T12:00:00Z`)
    else query[key] = timeMs
  }
  const order = given('order')
  if (order === 'newest' || order === 'oldest') query.order = order
  else if (order !== undefined) faults.push('order must be newest or oldest')
  const door = given('door')
  const known = DOORS.find((one) => one === door)
  if (known !== undefined) query.door = known
  else if (door !== undefined) faults.push(`door must be one of ${DOORS.join(', ')}`)
  const limit = given('limit')
  if (limit !== undefined) {
    if (/^\d{1,9}$/.test(limit)) query.limit = Number(limit)
    else faults.push('limit must be a whole number')
  }
  if (faults.length > 0) throw new HistoryQueryError(faults.join('; '))
  return query
}
