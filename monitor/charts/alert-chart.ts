import type { ChartOf, NotifiedAlert } from '../../alerting/index.ts'
import type { Clock } from '../../kit/index.ts'
import type { ResultSeries } from '../promql/index.ts'
import { chartedExpression } from './charted-expression.ts'
import { drawChart, MAX_LINES } from './draw-chart.ts'

/** Series of an expression: those that its rule was evaluated over. Rejects when there is no telling. */
export interface ChartSource {
  range(
    expression: string,
    startMs: number,
    endMs: number,
    stepMs: number,
  ): Promise<readonly ResultSeries[]>
}

export interface AlertChartParts {
  readonly source: ChartSource
  readonly clock: Clock
}

const MINUTE_MS = 60_000
const SHORTEST_MS = 60 * MINUTE_MS
const LONGEST_MS = 24 * 60 * MINUTE_MS
/** How much is shown of the time before it began, and after it ended. */
const MARGIN_MS = 30 * MINUTE_MS
const STEPS = 360
const MAX_SHOWN_EXPRESSION = 200

/** Draws what the rule of an alert looks at: its series, and the threshold where there is one. */
export function createAlertCharts({ source, clock }: AlertChartParts): ChartOf {
  return async (alert) => {
    const rule = expressionOf(alert)
    if (rule === null) return null
    const { expression, threshold } = chartedExpression(rule)
    const range = rangeOf(alert, clock.now())
    const { startMs, endMs, stepMs } = range
    const lines = linesFor(alert, await source.range(expression, startMs, endMs, stepMs))
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
