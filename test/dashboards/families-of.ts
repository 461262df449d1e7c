import { METRIC_NAME, PromqlEngine } from '../../monitor/promql/index.ts'

const parser = new PromqlEngine({ select: () => [] })

/** What an expression selects, as selectors of one instant each: `name{matchers}`. */
export function selectorsOf(expression: string): readonly string[] {
  const selections = parser.selections(expression, 0, 0, 0)
  return [
    ...new Set(
      selections.map(({ matchers }) => `{${matchers.map((matcher) => String(matcher)).join(',')}}`),
    ),
  ]
}

/** Metric families that an expression reads; `_bucket`, `_sum` and `_count` are left as they are. */
export function familiesOf(expression: string): readonly string[] {
  const selections = parser.selections(expression, 0, 0, 0)
  const names = selections.flatMap(({ matchers }) =>
    matchers.filter(({ name }) => name === METRIC_NAME).map(({ value }) => value),
  )
  return [...new Set(names)]
}
