import { Annotations } from './evaluate/annotations.ts'
import type { QueryLimits } from './evaluate/budget.ts'
import { Budget, DEFAULT_LIMITS } from './evaluate/budget.ts'
import type { Column } from './evaluate/column.ts'
import { mergeEqualLabels } from './evaluate/column.ts'
import type { RangeSeries } from './evaluate/evaluation.ts'
import { Evaluator } from './evaluate/evaluator.ts'
import type { Selection } from './evaluate/selections.ts'
import { selectionsOf } from './evaluate/selections.ts'
import type { Timeline } from './evaluate/timeline.ts'
import { endOf, instant, range, timeAt } from './evaluate/timeline.ts'
import { compareLabels, Labels } from './model/labels.ts'
import type { SeriesSource } from './model/series.ts'
import { EvaluationError } from './promql-error.ts'
import type { Node } from './syntax/ast.ts'
import { typeOf } from './syntax/check.ts'
import { parseExpression } from './syntax/parse.ts'

/** `[Unix ms, value]`. */
export type Point = readonly [timeMs: number, value: number]

export interface ResultSeries {
  readonly labels: Labels
  readonly points: readonly Point[]
}

export type QueryValue =
  | { readonly type: 'scalar'; readonly point: Point }
  | { readonly type: 'string'; readonly timeMs: number; readonly value: string }
  | { readonly type: 'vector'; readonly series: readonly ResultSeries[] }
  | { readonly type: 'matrix'; readonly series: readonly ResultSeries[] }

export interface QueryResult {
  readonly value: QueryValue
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
}

export interface EngineOptions {
  /** How old the newest sample of a series may be to count (default 5 min, as Prometheus). */
  readonly lookbackMs?: number
  /** Step of a subquery that names none (default 1 min, Prometheus' default evaluation interval). */
  readonly subqueryStepMs?: number
  readonly limits?: Partial<QueryLimits>
}

const MINUTE_MS = 60_000

/** Answers PromQL over a source of series, by the rules of Prometheus 3. It keeps nothing between queries. */
export class PromqlEngine {
  readonly #source: SeriesSource
  readonly #lookbackMs: number
  readonly #subqueryStepMs: number
  readonly #limits: QueryLimits

  constructor(source: SeriesSource, options: EngineOptions = {}) {
    this.#source = source
    this.#lookbackMs = options.lookbackMs ?? 5 * MINUTE_MS
    this.#subqueryStepMs = options.subqueryStepMs ?? MINUTE_MS
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
  }

  /**
   * The value of an expression at one moment.
   * @throws ParseError, EvaluationError, UnsupportedFeatureError
   */
  instant(expression: string, atMs: number): QueryResult {
    const node = parseExpression(expression)
    const timeline = instant(atMs)
    const annotations = new Annotations(expression)
    const value = this.#instantValue(node, timeline, this.#evaluator(timeline, annotations))
    return { value, warnings: annotations.warnings, infos: annotations.infos }
  }

  /**
   * The values of an expression from `startMs` to `endMs`, which counts when a step falls on it.
   * @throws ParseError, EvaluationError, UnsupportedFeatureError
   */
  range(expression: string, startMs: number, endMs: number, stepMs: number): QueryResult {
    const node = parseExpression(expression)
    const type = typeOf(node)
    if (type !== 'vector' && type !== 'scalar') {
      throw new EvaluationError(
        `invalid expression type "${type === 'matrix' ? 'range vector' : type}" for range query, must be Scalar or instant Vector`,
      )
    }
    const timeline = range(startMs, endMs, stepMs)
    if (timeline.count > this.#limits.maxSteps) {
      throw new EvaluationError(
        `exceeded maximum resolution of ${this.#limits.maxSteps} points per timeseries. Try decreasing the query resolution (?step=XX)`,
      )
    }
    const annotations = new Annotations(expression)
    const evaluator = this.#evaluator(timeline, annotations)
    const series =
      type === 'scalar'
        ? [scalarSeries(evaluator.scalar(node, timeline), timeline)]
        : finish(evaluator.vector(node, timeline)).map((column) => resultSeries(column, timeline))
    const value: QueryValue = {
      type: 'matrix',
      series: series
        .filter((one) => one.points.length > 0)
        .sort((a, b) => compareLabels(a.labels, b.labels)),
    }
    return { value, warnings: annotations.warnings, infos: annotations.infos }
  }

  /**
   * What a query will select, for a source that has to bring samples into memory first. An instant query has equal ends.
   * @throws ParseError, UnsupportedFeatureError
   */
  selections(expression: string, startMs: number, endMs: number, stepMs: number): Selection[] {
    const timeline = startMs === endMs ? instant(startMs) : range(startMs, endMs, stepMs)
    return selectionsOf(parseExpression(expression), timeline, {
      lookbackMs: this.#lookbackMs,
      subqueryStepMs: this.#subqueryStepMs,
      queryStartMs: timeline.startMs,
      queryEndMs: endOf(timeline),
    })
  }

  #evaluator(timeline: Timeline, annotations: Annotations): Evaluator {
    return new Evaluator({
      source: this.#source,
      annotations,
      budget: new Budget(this.#limits),
      lookbackMs: this.#lookbackMs,
      subqueryStepMs: this.#subqueryStepMs,
      queryStartMs: timeline.startMs,
      queryEndMs: endOf(timeline),
    })
  }

  #instantValue(node: Node, timeline: Timeline, evaluator: Evaluator): QueryValue {
    const { startMs } = timeline
    switch (typeOf(node)) {
      case 'string':
        return { type: 'string', timeMs: startMs, value: evaluator.text(node) }
      case 'scalar':
        return { type: 'scalar', point: [startMs, evaluator.scalar(node, timeline)[0] as number] }
      case 'matrix':
        return { type: 'matrix', series: rangeSeries(evaluator.ranges(node, timeline)) }
      case 'vector':
        return {
          type: 'vector',
          series: finish(evaluator.vector(node, timeline))
            .map((column) => resultSeries(column, timeline))
            .filter((one) => one.points.length > 0),
        }
    }
  }
}

/** Takes away the names that no longer fit; what is then equal must not overlap. */
function finish(columns: Iterable<Column>): Column[] {
  return mergeEqualLabels(
    [...columns].map((column) =>
      column.dropName ? { ...column, labels: column.labels.withoutName() } : column,
    ),
  )
}

function resultSeries({ labels, values, present }: Column, timeline: Timeline): ResultSeries {
  const points: Point[] = []
  for (let step = 0; step < timeline.count; step++) {
    if (present[step] === 1) points.push([timeAt(timeline, step), values[step] as number])
  }
  return { labels, points }
}

function scalarSeries(values: Float64Array, timeline: Timeline): ResultSeries {
  return {
    labels: Labels.empty,
    points: [...values].map((value, step): Point => [timeAt(timeline, step), value]),
  }
}

/** The samples themselves, for an instant query of a range vector. */
function rangeSeries(found: Iterable<RangeSeries>): ResultSeries[] {
  const series: ResultSeries[] = []
  for (const { labels, dropName, samples, rangeMs, reference } of found) {
    const endMs = reference(0)
    const points: Point[] = []
    for (let at = 0; at < samples.length; at++) {
      const timeMs = samples.times[at] as number
      if (timeMs > endMs - rangeMs && timeMs <= endMs)
        points.push([timeMs, samples.values[at] as number])
    }
    if (points.length > 0) series.push({ labels: dropName ? labels.withoutName() : labels, points })
  }
  return series.sort((a, b) => compareLabels(a.labels, b.labels))
}
