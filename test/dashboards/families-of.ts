import { METRIC_NAME, PromqlEngine } from '../../monitor/promql/index.ts'

const parser = new PromqlEngine({ select: () => [] })

/** What an expression selects at one place. */
export interface Selector {
  readonly family: string
  readonly labels: readonly string[]
  /** As an expression of its own, for one instant. */
  readonly text: string
}

export function selectorsOf(expression: string): readonly Selector[] {
  return parser.selections(expression, 0, 0, 0).map(({ matchers }) => ({
    family: matchers.find(({ name }) => name === METRIC_NAME)?.value ?? '',
    labels: matchers.map(({ name }) => name),
    text: `{${matchers.map((matcher) => String(matcher)).join(',')}}`,
  }))
}

/** Metric families that an expression reads; `_bucket`, `_sum` and `_count` are left as they are. */
export function familiesOf(expression: string): readonly string[] {
  return [...new Set(selectorsOf(expression).map(({ family }) => family))]
}
