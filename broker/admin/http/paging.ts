import { Type } from 'typebox'
import { Problem } from './problem.ts'
import { nullable } from './schema.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
const MAX_CURSOR_LENGTH = 4_096

/** Query parameters of every list. */
export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_LIMIT,
      default: DEFAULT_LIMIT,
      description: 'Most items in one page.',
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      maxLength: MAX_CURSOR_LENGTH,
      description: 'Where the page before ended, as its `next` said.',
    }),
  ),
}

/** What every list has beside its items. */
export const pageNext = nullable(
  Type.String({ description: 'Cursor of the next page; null at the end.' }),
)

interface PageRequest {
  readonly limit?: number
  readonly cursor?: string
}

/** Where an item stands in a list: by a value, and by its name where values are equal. */
export type Position = readonly [value: number | string, name: string]

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

/**
 * One page of a list in the order of its positions. A cursor names the last position shown, so
 * items that come and go between two pages neither repeat nor hide others.
 */
export function pageOf<Item>(
  items: Iterable<Item>,
  positionOf: (item: Item) => Position,
  { limit = DEFAULT_LIMIT, cursor }: PageRequest,
  order: 'ascending' | 'descending' = 'ascending',
): Page<Item> {
  const sign = order === 'ascending' ? 1 : -1
  const after = cursor === undefined ? null : readCursor(cursor)
  const placed = Array.from(items, (item) => ({ item, at: positionOf(item) }))
    .filter(({ at }) => after === null || compare(at, after, sign) > 0)
    .sort((a, b) => compare(a.at, b.at, sign))
  const page = placed.slice(0, limit)
  const last = page.at(-1)
  const next = last && placed.length > limit ? writeCursor(last.at) : null
  return { items: page.map(({ item }) => item), next }
}

/** By value in the order asked for, then by name. */
function compare(a: Position, b: Position, sign: 1 | -1): number {
  if (a[0] !== b[0]) return (a[0] < b[0] ? -1 : 1) * sign
  return a[1] === b[1] ? 0 : a[1] < b[1] ? -1 : 1
}

/** Any JSON value as the text of a cursor. */
export function writeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The JSON value of a cursor; a Problem when the text is none. */
export function parseCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw notACursor()
  }
}

export function notACursor(): Problem {
  return new Problem('invalid-request', 'cursor is not one that a page ended with', [
    { where: 'cursor', detail: 'is not one that a page ended with' },
  ])
}

function readCursor(cursor: string): Position {
  const value = parseCursor(cursor)
  if (!Array.isArray(value) || value.length !== 2) throw notACursor()
  const [at, name] = value as readonly unknown[]
  if ((typeof at !== 'string' && typeof at !== 'number') || typeof name !== 'string') {
    throw notACursor()
  }
  return [at, name]
}
