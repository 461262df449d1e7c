import { Labels } from '../model/labels.ts'
import { EvaluationError } from '../promql-error.ts'
import type {
  AggregateNode,
  BinaryNode,
  CallNode,
  MatrixSelectorNode,
  Node,
  SubqueryNode,
  VectorSelectorNode,
} from '../syntax/ast.ts'
import { argument, SET_OPERATORS, unwrap } from '../syntax/ast.ts'
import { typeOf } from '../syntax/check.ts'
import { aggregate, countValues } from './aggregate.ts'
import type { Column } from './column.ts'
import { broadcast, isEmpty, newColumn, put } from './column.ts'
import type { Evaluation, EvaluatorOptions, RangeSeries } from './evaluation.ts'
import { isStepInvariant } from './invariant.ts'
import { calculator } from './operators.ts'
import { COUNTER_FUNCTIONS, NAME_KEEPING, RANGE_FUNCTIONS } from './range-functions.ts'
import { topOrBottom } from './ranking.ts'
import {
  instantColumn,
  referenceBounds,
  referenceTime,
  samplesOf,
  subqueryTimeline,
  withoutStale,
} from './selectors.ts'
import { combineSets } from './set-operators.ts'
import type { Timeline } from './timeline.ts'
import { instant, timeAt } from './timeline.ts'
import { DATE_FUNCTIONS, VALUE_FUNCTIONS } from './value-functions.ts'
import { callVectorFunction } from './vector-functions.ts'
import { withScalar } from './vector-scalar.ts'
import { combineVectors } from './vector-vector.ts'
import { slide, windowOver } from './window.ts'

/** A counter's name should end so. */
const COUNTER_NAME = /_(?:total|sum|count|bucket)$/

/** Walks a checked expression. Series flow through as generators, so that an aggregation holds one at a time. */
export class Evaluator implements Evaluation {
  readonly options: EvaluatorOptions

  constructor(options: EvaluatorOptions) {
    this.options = options
  }

  /** The value of a scalar expression at each step. */
  scalar(node: Node, timeline: Timeline): Float64Array {
    switch (node.kind) {
      case 'number':
        return new Float64Array(timeline.count).fill(node.value)
      case 'paren':
        return this.scalar(node.inner, timeline)
      case 'unary': {
        const values = this.scalar(node.operand, timeline)
        return node.operator === '-' ? values.map((value) => -value) : values
      }
      case 'binary': {
        const left = this.scalar(node.left, timeline)
        const right = this.scalar(node.right, timeline)
        const calculate = calculator(node.operator)
        return left.map((value, step) => calculate(value, right[step] as number))
      }
      case 'call':
        return this.#scalarCall(node, timeline)
      default:
        throw new Error(`a ${node.kind} is no scalar`)
    }
  }

  #scalarCall(node: CallNode, timeline: Timeline): Float64Array {
    const values = new Float64Array(timeline.count)
    switch (node.name) {
      case 'pi':
        return values.fill(Math.PI)
      case 'time':
        return values.map((_, step) => timeAt(timeline, step) / 1000)
      default:
        return this.#singleValues(this.vector(argument(node, 0), timeline), values)
    }
  }

  /** `scalar()`: the value of the only series, NaN when there is none or more than one. */
  #singleValues(columns: Iterable<Column>, values: Float64Array): Float64Array {
    const found = new Uint32Array(values.length)
    for (const column of columns) {
      for (let step = 0; step < values.length; step++) {
        if (column.present[step] === 0) continue
        values[step] = column.values[step] as number
        found[step] = (found[step] as number) + 1
      }
    }
    return values.map((value, step) => (found[step] === 1 ? value : Number.NaN))
  }

  text(node: Node): string {
    const inner = unwrap(node)
    if (inner.kind !== 'string') throw new Error(`a ${inner.kind} is no string`)
    return inner.value
  }

  /** The series of an instant vector; those without any value may be among them. */
  *vector(node: Node, timeline: Timeline): Generator<Column> {
    if (timeline.count > 1 && isStepInvariant(node)) {
      for (const column of this.vector(node, instant(timeline.startMs))) {
        yield broadcast(column, timeline.count)
      }
      return
    }
    switch (node.kind) {
      case 'paren':
        return yield* this.vector(node.inner, timeline)
      case 'vector-selector':
        return yield* this.#select(node, timeline, false)
      case 'unary':
        return yield* this.#unary(node.operand, node.operator, timeline)
      case 'aggregate':
        return yield* this.#aggregate(node, timeline)
      case 'binary':
        return yield* this.#binary(node, timeline)
      case 'call':
        return yield* this.#call(node, timeline)
      default:
        throw new Error(`a ${node.kind} is no instant vector`)
    }
  }

  /** The series of a range vector. */
  *ranges(node: Node, timeline: Timeline): Generator<RangeSeries> {
    const inner = unwrap(node)
    if (inner.kind === 'matrix-selector') return yield* this.#selectRanges(inner, timeline)
    if (inner.kind === 'subquery') return yield* this.#subquery(inner, timeline)
    throw new Error(`a ${inner.kind} is no range vector`)
  }

  *#select(node: VectorSelectorNode, timeline: Timeline, timestamps: boolean): Generator<Column> {
    if (timeline.count === 0) return
    const { source, budget, lookbackMs } = this.options
    const reference = referenceTime(node.at, node.offsetMs, timeline, this.options)
    const [firstMs, lastMs] = referenceBounds(reference, timeline)
    for (const series of source.select(node.matchers, firstMs - lookbackMs, lastMs)) {
      budget.check(series.length + timeline.count)
      const column = instantColumn(series, timeline, reference, lookbackMs, timestamps)
      if (!isEmpty(column)) yield column
    }
  }

  sampleTimes(node: VectorSelectorNode, timeline: Timeline): Generator<Column> {
    return this.#select(node, timeline, true)
  }

  *#selectRanges(node: MatrixSelectorNode, timeline: Timeline): Generator<RangeSeries> {
    if (timeline.count === 0) return
    const { at, offsetMs, matchers } = node.selector
    const reference = referenceTime(at, offsetMs, timeline, this.options)
    const [firstMs, lastMs] = referenceBounds(reference, timeline)
    for (const series of this.options.source.select(matchers, firstMs - node.rangeMs, lastMs)) {
      this.options.budget.check(series.length + timeline.count)
      const samples = withoutStale(series)
      yield { labels: series.labels, dropName: false, samples, rangeMs: node.rangeMs, reference }
    }
  }

  *#subquery(node: SubqueryNode, timeline: Timeline): Generator<RangeSeries> {
    if (timeline.count === 0) return
    const reference = referenceTime(node.at, node.offsetMs, timeline, this.options)
    const [firstMs, lastMs] = referenceBounds(reference, timeline)
    const stepMs = node.stepMs ?? this.options.subqueryStepMs
    const inner = subqueryTimeline(firstMs, lastMs, node.rangeMs, stepMs)
    this.options.budget.check(inner.count)
    for (const column of this.vector(node.body, inner)) {
      this.options.budget.check(inner.count)
      const samples = samplesOf(column, inner)
      yield {
        labels: column.labels,
        dropName: column.dropName,
        samples,
        rangeMs: node.rangeMs,
        reference,
      }
    }
  }

  *#unary(operand: Node, operator: '+' | '-', timeline: Timeline): Generator<Column> {
    for (const column of this.vector(operand, timeline)) {
      yield operator === '+'
        ? column
        : { ...column, dropName: true, values: column.values.map((value) => -value) }
    }
  }

  *#aggregate(node: AggregateNode, timeline: Timeline): Generator<Column> {
    const { count } = timeline
    switch (node.operator) {
      case 'count_values':
        return yield* countValues(
          node,
          this.vector(node.operand, timeline),
          count,
          this.#countLabel(node),
        )
      case 'topk':
      case 'bottomk':
        return yield* topOrBottom(
          node,
          this.#collect(node.operand, timeline),
          count,
          this.#parameter(node, timeline),
        )
      case 'quantile': {
        const quantiles = this.#parameter(node, timeline)
        for (const q of new Set(quantiles)) this.checkQuantile(q, node.parameter ?? node)
        return yield* aggregate(node, this.held(node.operand, timeline), count, quantiles)
      }
      default:
        return yield* aggregate(node, this.vector(node.operand, timeline), count, null)
    }
  }

  #parameter(node: AggregateNode, timeline: Timeline): Float64Array {
    if (node.parameter === null) throw new Error(`${node.operator} takes a parameter`)
    return this.scalar(node.parameter, timeline)
  }

  #countLabel(node: AggregateNode): string {
    const label = node.parameter === null ? '' : this.text(node.parameter)
    if (label === '') throw new EvaluationError(`invalid label name ${JSON.stringify(label)}`)
    return label
  }

  checkQuantile(q: number, at: Node): void {
    if (!(q >= 0 && q <= 1)) this.options.annotations.invalidQuantile(q, at.span)
  }

  /** Like `vector`, counting what is kept. */
  *held(node: Node, timeline: Timeline): Generator<Column> {
    for (const column of this.vector(node, timeline)) {
      this.options.budget.hold(timeline.count)
      yield column
    }
  }

  #collect(node: Node, timeline: Timeline): Column[] {
    return [...this.held(node, timeline)]
  }

  *#binary(node: BinaryNode, timeline: Timeline): Generator<Column> {
    const leftIsScalar = typeOf(node.left) === 'scalar'
    if (leftIsScalar || typeOf(node.right) === 'scalar') {
      const scalar = this.scalar(leftIsScalar ? node.left : node.right, timeline)
      for (const column of this.vector(leftIsScalar ? node.right : node.left, timeline)) {
        yield withScalar(node, column, scalar, leftIsScalar)
      }
      return
    }
    if (node.matching === null) throw new Error('two vectors need a matching')
    const left = this.#collect(node.left, timeline)
    const right = this.#collect(node.right, timeline)
    const isSet = (SET_OPERATORS as readonly string[]).includes(node.operator)
    yield* (isSet ? combineSets : combineVectors)(node, node.matching, left, right, timeline.count)
  }

  *#call(node: CallNode, timeline: Timeline): Generator<Column> {
    if (node.name in RANGE_FUNCTIONS) return yield* this.#rangeCall(node, timeline)
    const ofValue = VALUE_FUNCTIONS[node.name]
    if (ofValue !== undefined) return yield* this.#mapped(argument(node, 0), timeline, ofValue)
    const ofDate = DATE_FUNCTIONS[node.name]
    if (ofDate !== undefined) return yield* this.#dates(node, timeline, ofDate)
    yield* callVectorFunction(this, node, timeline)
  }

  *#rangeCall(node: CallNode, timeline: Timeline): Generator<Column> {
    const rangeFunction = RANGE_FUNCTIONS[node.name]
    const ranges = node.args.find((one) => typeOf(one) === 'matrix')
    if (rangeFunction === undefined || ranges === undefined)
      throw new Error(`${node.name} takes a range vector`)
    const other = node.args.find((one) => typeOf(one) === 'scalar')
    const parameters =
      other === undefined ? new Float64Array(timeline.count) : this.scalar(other, timeline)
    let checked = node.name !== 'quantile_over_time'
    for (const series of this.ranges(ranges, timeline)) {
      const dropName = series.dropName || !NAME_KEEPING.has(node.name)
      const column = newColumn(series.labels, dropName, timeline.count)
      const window = windowOver(series.samples, series.rangeMs)
      for (let step = 0; step < timeline.count; step++) {
        slide(window, series.samples.length, series.reference(step))
        if (window.from === window.to) continue
        window.evaluatedMs = timeAt(timeline, step)
        rangeFunction(window, column, step, parameters[step] as number)
      }
      if (isEmpty(column)) continue
      if (!checked) {
        for (const q of new Set(parameters)) this.checkQuantile(q, other ?? node)
        checked = true
      }
      if (COUNTER_FUNCTIONS.has(node.name)) this.#checkCounterName(series.labels, ranges)
      yield column
    }
  }

  #checkCounterName(labels: Labels, at: Node): void {
    const name = labels.metricName
    if (name === '' || COUNTER_NAME.test(name)) return
    this.options.annotations.info(
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${JSON.stringify(name)}`,
      at.span,
    )
  }

  *#mapped(node: Node, timeline: Timeline, ofValue: (value: number) => number): Generator<Column> {
    for (const column of this.vector(node, timeline)) {
      yield { ...column, dropName: true, values: column.values.map((value) => ofValue(value)) }
    }
  }

  *#dates(
    node: CallNode,
    timeline: Timeline,
    ofDate: (seconds: number) => number,
  ): Generator<Column> {
    if (node.args.length > 0) return yield* this.#mapped(argument(node, 0), timeline, ofDate)
    const column = newColumn(Labels.empty, false, timeline.count)
    for (let step = 0; step < timeline.count; step++) {
      put(column, step, ofDate(Math.floor(timeAt(timeline, step) / 1000)))
    }
    yield column
  }
}
