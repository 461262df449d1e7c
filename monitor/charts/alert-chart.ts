import type { ChartOf, NotifiedAlert } from '../../alerting/index.ts'
import type { Clock } from '../../kit/index.ts'
import type { ResultSeries, Selection, SeriesSource } from '../promql/index.ts'
import { PromqlEngine } from '../promql/index.ts'
import { chartedExpression } from './charted-expression.ts'
import { drawChart, MAX_LINES } from './draw-chart.ts'

export interface AlertChartParts {
  /** The series that a query needs. */
  readonly store: { view(selections: readonly Selection[]): Promise<SeriesSource> }
  readonly clock: Clock
}

const MINUTE_MS = 60_000
const SHORTEST_MS = 60 * MINUTE_MS
const LONGEST_MS = 24 * 60 * MINUTE_MS
/** How much is shown of the time before it began, and after it ended. */
const MARGIN_MS = 30 * MINUTE_MS
const STEPS = 360
/** A picture is not worth holding up scrapes: what would need more of it is not drawn. */
const MAX_SAMPLES = 2_000_000
const MAX_QUERY_MS = 1_000
const MAX_SHOWN_EXPRESSION = 200

/** Draws what the rule of an alert looks at: its series, and the threshold where there is one. */
export function createAlertCharts({ store, clock }: AlertChartParts): ChartOf {
  return async (alert) => {
    const rule = expressionOf(alert)
    if (rule === null) return null
    const { expression, threshold } = chartedExpression(rule)
    const range = rangeOf(alert, clock.now())
    const { startMs, endMs, stepMs } = range
    const planner = new PromqlEngine({ select: () => [] })
    const source = await store.view(planner.selections(expression, startMs, endMs, stepMs))
    const deadlineMs = clock.monotonicMs() + MAX_QUERY_MS
    const expired = () => clock.monotonicMs() > deadlineMs
    const engine = new PromqlEngine(source, { limits: { maxSamples: MAX_SAMPLES, expired } })
    const { value } = engine.range(expression, startMs, endMs, stepMs)
    const lines = value.type === 'matrix' ? linesFor(alert, value.series) : []
    if (lines.length === 0) return null
    const bytes = await drawChart({ ...range, lines, threshold, markMs: alert.startsAtMs })
    return { bytes, contentType: 'image/png', description: describe(expression, threshold, range) }
  }
}

/** The link to the rule holds it. */
function expressionOf({ generatorUrl }: NotifiedAlert): string | null {
  return URL.parse(generatorUrl)?.searchParams.get('g0.expr') ?? null
}

function rangeOf({ startsAtMs, endsAtMs, status }: NotifiedAlert, nowMs: number) {
  const isOver = status === 'resolved' && endsAtMs !== null
  const endMs = isOver ? Math.min(nowMs, endsAtMs + MARGIN_MS) : nowMs
  const wantedMs = endMs - startsAtMs + MARGIN_MS
  const lengthMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, wantedMs))
  const stepMs = Math.max(1_000, Math.ceil(lengthMs / STEPS / 1_000) * 1_000)
  return { startMs: endMs - lengthMs, endMs, stepMs }
}

/** The alert's own series first; others only where none is its own, as when labels were replaced by the rule. */
function linesFor({ labels }: NotifiedAlert, series: readonly ResultSeries[]) {
  const own = series.filter((one) =>
    Object.entries(one.labels.withoutName().toRecord()).every(
      ([name, value]) => labels[name] === value,
    ),
  )
  return (own.length > 0 ? own : series).slice(0, MAX_LINES)
}

function describe(
  expression: string,
  threshold: number | null,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): string {
  const shown =
    expression.length > MAX_SHOWN_EXPRESSION
      ? `${expression.slice(0, MAX_SHOWN_EXPRESSION)}…`
      : expression
  const limit = threshold === null ? '' : `, threshold ${threshold}`
  const [from, to] = [startMs, endMs].map((ms) => new Date(ms).toISOString())
  return `Chart of ${shown.toWellFormed()}${limit}, from ${from} to ${to}`
}
