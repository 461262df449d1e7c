/** Parameters of a query, as they came; each may be missing. */
export type QueryTexts = Readonly<Record<string, string | undefined>>

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

/**
 * One page of a list that lies in memory, under the name of its items: `limit` of them from `cursor` on,
 * which is a place in the list. Where the newest come first, what comes meanwhile shows some items twice
 * and hides none. `refuse` makes the error that is thrown for a parameter that cannot be.
 */
export function listPage(
  name: string,
  items: readonly object[],
  query: QueryTexts,
  refuse: (message: string) => Error,
): object {
  const numberOf = (parameter: string, otherwise: number, min: number, max: number): number => {
    const text = query[parameter]
    if (text === undefined) return otherwise
    const value = Number(text)
    if (/^\d{1,15}$/.test(text) && value >= min && value <= max) return value
    throw refuse(`${parameter} must be a whole number from ${min} to ${max}`)
  }
  const limit = numberOf('limit', DEFAULT_LIMIT, 1, MAX_LIMIT)
  const start = numberOf('cursor', 0, 0, Number.MAX_SAFE_INTEGER)
  const end = start + limit
  return { [name]: items.slice(start, end), next: end < items.length ? String(end) : null }
}
