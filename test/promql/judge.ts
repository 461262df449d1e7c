import type {
  NotedValue,
  QueryResult,
  QueryValue,
  ResultSeries,
} from '../../monitor/promql/index.ts'
import {
  EvaluationError,
  Labels,
  ParseError,
  PromqlEngine,
  parseSeriesLine,
  parseValues,
  UnsupportedFeatureError,
} from '../../monitor/promql/index.ts'
import type { EvalCommand, Steps } from './script.ts'
import type { ScriptSource } from './script-source.ts'

export type Judgement =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'out of scope'; readonly feature: string }

const PASSED: Judgement = { kind: 'passed' }
/** Relative; what Prometheus' own runner allows. */
const TOLERANCE = 1e-6
const MINUTE_MS = 60_000

/** Evaluates one command of a script and compares all that it expects. */
export function judge(command: EvalCommand, source: ScriptSource): Judgement {
  if (command.rows.some((row) => row.includes('{{'))) {
    return { kind: 'out of scope', feature: 'native histograms' }
  }
  const engine = new PromqlEngine(source)
  const failures = command.expectations.filter((one) => one.kind === 'fail')
  try {
    const result = run(engine, command)
    if (failures.length > 0) return failed(`should fail, gave ${JSON.stringify(result.value)}`)
    const why = compareResult(command, result) ?? compareAsRange(engine, command, result)
    return why === null ? PASSED : failed(why)
  } catch (error) {
    if (error instanceof UnsupportedFeatureError)
      return { kind: 'out of scope', feature: error.feature }
    if (!(error instanceof EvaluationError || error instanceof ParseError)) throw error
    if (failures.length === 0) return failed(error.message)
    const unmatched = failures.find((one) => !matchesText(error.message, one.message, one.pattern))
    return unmatched === undefined
      ? PASSED
      : failed(
          `failed with ${JSON.stringify(error.message)}, not with ${unmatched.message ?? unmatched.pattern}`,
        )
  }
}

function failed(why: string): Judgement {
  return { kind: 'failed', why }
}

function run(engine: PromqlEngine, { expression, atMs, steps }: EvalCommand): QueryResult {
  if (steps !== null) return engine.range(expression, steps.startMs, steps.endMs, steps.stepMs)
  return engine.instant(expression, atMs ?? 0)
}

/** What is wrong with a result, null when nothing is. */
function compareResult(command: EvalCommand, result: QueryResult): string | null {
  return (
    compareAnnotations(command, 'warn', result.warnings) ??
    compareAnnotations(command, 'info', result.infos) ??
    compareValue(command, result.value)
  )
}

function compareAnnotations(
  command: EvalCommand,
  kind: 'warn' | 'info',
  told: readonly string[],
): string | null {
  const wanted = command.expectations.filter((one) => one.kind === kind)
  if (command.expectations.some((one) => one.kind === `no_${kind}`) && told.length > 0) {
    return `should not ${kind}, told ${JSON.stringify(told)}`
  }
  if (wanted.length === 0) return null
  if (told.length === 0) return `should ${kind}`
  const unmatched = wanted.find(
    (one) => !told.some((text) => matchesText(text, one.message, one.pattern)),
  )
  if (unmatched !== undefined) {
    return `should ${kind} ${unmatched.message ?? unmatched.pattern}, told ${JSON.stringify(told)}`
  }
  const unexpected = told.find(
    (text) => !wanted.some((one) => matchesText(text, one.message, one.pattern)),
  )
  return unexpected === undefined ? null : `should not tell ${JSON.stringify(unexpected)}`
}

function matchesText(text: string, message: string | null, pattern: RegExp | null): boolean {
  if (message !== null) return text === message || text === message.replace(/^"(.*)"$/, '$1')
  return pattern === null || pattern.test(text)
}

function compareValue(command: EvalCommand, value: QueryValue): string | null {
  if (command.expectedString !== null) {
    if (value.type !== 'string') return `a ${value.type} instead of a string`
    const wanted = command.expectedString.replace(/^(["'`])(.*)\1$/s, '$2')
    return value.value === wanted
      ? null
      : `${JSON.stringify(value.value)} instead of ${command.expectedString}`
  }
  switch (value.type) {
    case 'string':
      return command.rows.length === 0 ? null : 'a string instead of values'
    case 'scalar':
      return compareScalar(command, value.point[1])
    case 'vector':
      return compareSeries(command, value.series, {
        startMs: command.atMs ?? 0,
        endMs: command.atMs ?? 0,
        stepMs: 1,
      })
    case 'matrix':
      return compareSeries(command, value.series, command.steps ?? command.expectedRange)
  }
}

function compareScalar({ rows }: EvalCommand, value: number): string | null {
  const row = rows[0]?.replace(/^\{\}\s+/, '')
  if (row === undefined) return `${value}, and nothing was expected`
  const [wanted] = parseValues(row)
  return typeof wanted === 'number' && isClose(value, wanted) ? null : `${value} instead of ${row}`
}

function compareSeries(
  command: EvalCommand,
  series: readonly ResultSeries[],
  steps: Steps | null,
): string | null {
  if (steps === null) return 'a range vector, and no moments were expected'
  const wanted = command.rows.map(expectedSeries)
  const found = new Map(series.map((one) => [one.labels.key, one]))
  if (found.size !== wanted.length) {
    return `${found.size} series instead of ${wanted.length}: ${[...found.values()].map((one) => `${one.labels} ${one.points.map(([, value]) => value).join(' ')}`).join('; ')}`
  }
  for (const { labels, values } of wanted) {
    const match = found.get(labels.key)
    if (match === undefined)
      return `no series ${labels} among ${[...found.values()].map((one) => one.labels).join(', ')}`
    const why = comparePoints(match, values, steps)
    if (why !== null) return `${labels}: ${why}`
  }
  if (!command.expectations.some((one) => one.kind === 'ordered')) return null
  const order = series.map((one) => one.labels.toString()).join(' ')
  const wantedOrder = wanted.map((one) => one.labels.toString()).join(' ')
  return order === wantedOrder ? null : `in the order ${order}`
}

/** A row without labels is a plain number: a scalar's. */
function expectedSeries(row: string): { labels: Labels; values: readonly NotedValue[] } {
  if (/^[\d+-.]|^(?:NaN|Inf)/i.test(row) && !/^[a-z_:{]/i.test(row))
    return { labels: Labels.empty, values: parseValues(row) }
  return parseSeriesLine(row)
}

function comparePoints(
  series: ResultSeries,
  values: readonly NotedValue[],
  steps: Steps,
): string | null {
  const wanted = new Map<number, number>()
  values.forEach((value, at) => {
    if (typeof value === 'number') wanted.set(steps.startMs + at * steps.stepMs, value)
  })
  const told = series.points.map(([timeMs, value]) => `${value}@${timeMs / 1000}`).join(' ')
  if (series.points.length !== wanted.size)
    return `${series.points.length} points instead of ${wanted.size}: ${told}`
  for (const [timeMs, value] of series.points) {
    const expected = wanted.get(timeMs)
    if (expected === undefined || !isClose(value, expected))
      return `${value} instead of ${expected} at ${timeMs / 1000} s`
  }
  return null
}

/** An instant query must give what a range query gives at the same moment. */
function compareAsRange(
  engine: PromqlEngine,
  command: EvalCommand,
  result: QueryResult,
): string | null {
  const { atMs } = command
  if (
    atMs === null ||
    result.value.type !== 'vector' ||
    command.expectations.some((one) => one.kind === 'ordered')
  ) {
    return null
  }
  // What names the ends of the query means another moment then.
  if (/@\s*(?:start|end)/.test(command.expression)) return null
  const { value } = engine.range(command.expression, atMs - MINUTE_MS, atMs + MINUTE_MS, MINUTE_MS)
  if (value.type !== 'matrix') return 'a range query gives no matrix'
  const there = new Map<string, number>()
  for (const { labels, points } of value.series) {
    const point = points.find(([timeMs]) => timeMs === atMs)
    if (point !== undefined) there.set(labels.key, point[1])
  }
  if (there.size !== result.value.series.length) return `as a range query ${there.size} series`
  for (const { labels, points } of result.value.series) {
    const other = there.get(labels.key)
    if (other === undefined || !isClose(other, points[0]?.[1] ?? Number.NaN)) {
      return `as a range query ${other} for ${labels}`
    }
  }
  return null
}

function isClose(value: number, wanted: number): boolean {
  if (Number.isNaN(value) || Number.isNaN(wanted))
    return Number.isNaN(value) && Number.isNaN(wanted)
  if (value === wanted) return true
  return Math.abs(value - wanted) <= TOLERANCE * Math.max(Math.abs(value), Math.abs(wanted))
}
