import type { JSONPathEnvironment } from 'json-p3'

type Query = ReturnType<JSONPathEnvironment['compile']>
type Selector = Query['segments'][number]['selectors'][number]

/** Told how many values a selector is about to look at; throws when that is too much. */
export type Spend = (looks: number) => void

/**
 * Makes every selector of a query, and of those within its filters, tell what it costs. Queries can
 * cost far more than values have members: `[*,*]` doubles what the rest looks at, and a filter may
 * go through everything again for each member.
 */
export function meterQuery(query: Query, spend: Spend): void {
  for (const selector of query.segments.flatMap(({ selectors }) => selectors)) {
    meterSelector(selector, spend)
  }
}

function meterSelector(selector: Selector, spend: Spend): void {
  const looksOf = costOf(selector, spend)
  const resolve = selector.resolve.bind(selector)
  const lazyResolve = selector.lazyResolve.bind(selector)
  selector.resolve = (node) => {
    spend(looksOf(node.value))
    return resolve(node)
  }
  selector.lazyResolve = (node) => {
    spend(looksOf(node.value))
    return lazyResolve(node)
  }
}

function costOf(selector: Selector, spend: Spend): (value: unknown) => number {
  if ('name' in selector || 'index' in selector) return () => 1
  const weight = 'expression' in selector ? meterExpression(selector.expression, spend) : 1
  return (value) => weight * membersOf(value)
}

/** Answers of how many parts a filter's expression is: each is evaluated for each member. */
function meterExpression(expression: unknown, spend: Spend): number {
  if (typeof expression !== 'object' || expression === null) return 0
  if ('path' in expression) {
    meterQuery(expression.path as Query, spend)
    return 1
  }
  const { left, right, expression: inner, args } = expression as Readonly<Record<string, unknown>>
  const parts = [left, right, inner, ...(Array.isArray(args) ? (args as readonly unknown[]) : [])]
  return parts.reduce((sum: number, part) => sum + meterExpression(part, spend), 1)
}

/** At least one: to look at a value that has none is a look as well. */
function membersOf(value: unknown): number {
  if (Array.isArray(value)) return 1 + value.length
  return typeof value === 'object' && value !== null ? 1 + Object.keys(value).length : 1
}
