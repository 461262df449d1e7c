import { Labels } from '../model/labels.ts'
import type { CallNode, Node } from '../syntax/ast.ts'
import { argument, unwrap } from '../syntax/ast.ts'
import { absentColumn } from './absent.ts'
import type { BucketColumns } from './bucket-columns.ts'
import { histograms } from './bucket-columns.ts'
import { bucketFraction, bucketQuantile } from './classic-histogram.ts'
import type { Column } from './column.ts'
import { newColumn, put } from './column.ts'
import type { Evaluation } from './evaluation.ts'
import { labelJoin, labelReplace } from './label-functions.ts'
import { anyPresent } from './matching.ts'
import { ascendingNanLast, descendingNanLast } from './ranking.ts'
import type { Timeline } from './timeline.ts'
import { timeAt } from './timeline.ts'
import { roundTo } from './value-functions.ts'
import { slide, windowOver } from './window.ts'

/** Functions that answer an instant vector and look at more than one value at a time, or at more than values. */
export function* callVectorFunction(
  evaluation: Evaluation,
  node: CallNode,
  timeline: Timeline,
): Generator<Column> {
  switch (node.name) {
    case 'absent': {
      const present = anyPresent([...evaluation.held(argument(node, 0), timeline)], timeline.count)
      return yield absentColumn(argument(node, 0), present, false)
    }
    case 'absent_over_time':
      return yield absentColumn(argument(node, 0), anySample(evaluation, node, timeline), true)
    case 'timestamp':
      return yield* timestamps(evaluation, node, timeline)
    case 'vector': {
      const values = evaluation.scalar(argument(node, 0), timeline)
      const column = newColumn(Labels.empty, false, 0)
      return yield { ...column, values, present: new Uint8Array(timeline.count).fill(1) }
    }
    case 'sort':
    case 'sort_desc':
      return yield* sorted(evaluation, node, timeline)
    case 'clamp':
    case 'clamp_min':
    case 'clamp_max':
      return yield* clamped(evaluation, node, timeline)
    case 'round':
      return yield* rounded(evaluation, node, timeline)
    case 'label_replace': {
      const [target, replacement, source, pattern] = texts(evaluation, node) as [
        string,
        string,
        string,
        string,
      ]
      return yield* labelReplace(
        [...evaluation.held(argument(node, 0), timeline)],
        target,
        replacement,
        source,
        pattern,
      )
    }
    case 'label_join': {
      const [target, separator, ...sources] = texts(evaluation, node) as [
        string,
        string,
        ...string[],
      ]
      return yield* labelJoin(
        [...evaluation.held(argument(node, 0), timeline)],
        target,
        separator,
        sources,
      )
    }
    case 'histogram_quantile':
      return yield* histogramQuantile(evaluation, node, timeline)
    case 'histogram_fraction':
      return yield* histogramFraction(evaluation, node, timeline)
    default:
      throw new Error(`${node.name} has a signature and no evaluation`)
  }
}

/** Steps at which any series of a range vector has a sample. */
function anySample(evaluation: Evaluation, node: CallNode, timeline: Timeline): Uint8Array {
  const present = new Uint8Array(timeline.count)
  for (const series of evaluation.ranges(argument(node, 0), timeline)) {
    const window = windowOver(series.samples, series.rangeMs)
    for (let step = 0; step < timeline.count; step++) {
      slide(window, series.samples.length, series.reference(step))
      if (window.from < window.to) present[step] = 1
    }
  }
  return present
}

/** Of a selector, when its samples were taken; of anything else, when it is evaluated. */
function* timestamps(
  evaluation: Evaluation,
  node: CallNode,
  timeline: Timeline,
): Generator<Column> {
  const inner = unwrap(argument(node, 0))
  if (inner.kind === 'vector-selector') return yield* evaluation.sampleTimes(inner, timeline)
  for (const column of evaluation.vector(inner, timeline)) {
    const values = column.values.map((_, step) => timeAt(timeline, step) / 1000)
    yield { ...column, dropName: true, values }
  }
}

function* sorted(evaluation: Evaluation, node: CallNode, timeline: Timeline): Generator<Column> {
  const columns = [...evaluation.held(argument(node, 0), timeline)]
  if (timeline.count > 1) {
    evaluation.options.annotations.warn(
      'sort is ineffective for range queries since results are always ordered by labels',
      node.span,
    )
    return yield* columns
  }
  const order = node.name === 'sort' ? ascendingNanLast : descendingNanLast
  yield* columns.sort((a, b) => order(a.values[0] as number, b.values[0] as number))
}

function* clamped(evaluation: Evaluation, node: CallNode, timeline: Timeline): Generator<Column> {
  const bound = (at: number, otherwise: number) =>
    at < node.args.length
      ? evaluation.scalar(argument(node, at), timeline)
      : new Float64Array(timeline.count).fill(otherwise)
  const least =
    node.name === 'clamp_max' ? bound(node.args.length, Number.NEGATIVE_INFINITY) : bound(1, 0)
  const most =
    node.name === 'clamp_min'
      ? bound(node.args.length, Number.POSITIVE_INFINITY)
      : bound(node.name === 'clamp' ? 2 : 1, 0)
  for (const column of evaluation.vector(argument(node, 0), timeline)) {
    const result = newColumn(column.labels, true, timeline.count)
    for (let step = 0; step < timeline.count; step++) {
      const low = least[step] as number
      const high = most[step] as number
      if (column.present[step] === 0 || high < low) continue
      put(result, step, Math.max(low, Math.min(high, column.values[step] as number)))
    }
    yield result
  }
}

function* rounded(evaluation: Evaluation, node: CallNode, timeline: Timeline): Generator<Column> {
  const nearest =
    node.args.length > 1
      ? evaluation.scalar(argument(node, 1), timeline)
      : new Float64Array(timeline.count).fill(1)
  for (const column of evaluation.vector(argument(node, 0), timeline)) {
    const values = column.values.map((value, step) => roundTo(value, nearest[step] as number))
    yield { ...column, dropName: true, values }
  }
}

function histogramsOf(
  evaluation: Evaluation,
  at: Node,
  timeline: Timeline,
): Iterable<BucketColumns> {
  return histograms(evaluation.held(at, timeline), at, evaluation.options.annotations)
}

function* histogramQuantile(
  evaluation: Evaluation,
  node: CallNode,
  timeline: Timeline,
): Generator<Column> {
  const quantiles = evaluation.scalar(argument(node, 0), timeline)
  for (const q of new Set(quantiles)) evaluation.checkQuantile(q, argument(node, 0))
  const at = argument(node, 1)
  for (const histogram of histogramsOf(evaluation, at, timeline)) {
    const column = newColumn(histogram.labels, true, timeline.count)
    for (let step = 0; step < timeline.count; step++) {
      const buckets = histogram.bucketsAt(step)
      if (buckets.length === 0) continue
      const { value, bent } = bucketQuantile(quantiles[step] as number, buckets)
      if (bent !== null)
        evaluation.options.annotations.forcedMonotonicity(at.span, timeAt(timeline, step), bent)
      put(column, step, value)
    }
    yield column
  }
}

function* histogramFraction(
  evaluation: Evaluation,
  node: CallNode,
  timeline: Timeline,
): Generator<Column> {
  const lower = evaluation.scalar(argument(node, 0), timeline)
  const upper = evaluation.scalar(argument(node, 1), timeline)
  const at = argument(node, 2)
  for (const histogram of histogramsOf(evaluation, at, timeline)) {
    const column = newColumn(histogram.labels, true, timeline.count)
    for (let step = 0; step < timeline.count; step++) {
      const buckets = histogram.bucketsAt(step)
      if (buckets.length > 0) {
        put(column, step, bucketFraction(lower[step] as number, upper[step] as number, buckets))
      }
    }
    yield column
  }
}

function texts(evaluation: Evaluation, node: CallNode): string[] {
  return node.args.slice(1).map((one) => evaluation.text(one))
}
