import type { Labels } from '../model/labels.ts'
import type { Samples, SeriesSource } from '../model/series.ts'
import type { Node, VectorSelectorNode } from '../syntax/ast.ts'
import type { Annotations } from './annotations.ts'
import type { Budget } from './budget.ts'
import type { Column } from './column.ts'
import type { ReferenceTime, SelectorContext } from './selectors.ts'
import type { Timeline } from './timeline.ts'

/** A series of a range vector, with what its windows are cut by. */
export interface RangeSeries {
  readonly labels: Labels
  readonly dropName: boolean
  readonly samples: Samples
  readonly rangeMs: number
  readonly reference: ReferenceTime
}

export interface EvaluatorOptions extends SelectorContext {
  readonly source: SeriesSource
  readonly annotations: Annotations
  readonly budget: Budget
  /** Step of a subquery that names none. */
  readonly subqueryStepMs: number
}

/** What functions evaluate their arguments by. */
export interface Evaluation {
  readonly options: EvaluatorOptions
  /** The value of a scalar expression at each step. */
  scalar(node: Node, timeline: Timeline): Float64Array
  text(node: Node): string
  /** The series of an instant vector; those without any value may be among them. */
  vector(node: Node, timeline: Timeline): Generator<Column>
  /** Like `vector`, counting what is kept. */
  held(node: Node, timeline: Timeline): Generator<Column>
  /** The series of a range vector. */
  ranges(node: Node, timeline: Timeline): Generator<RangeSeries>
  /** When the samples of a selector were taken, in seconds. */
  sampleTimes(node: VectorSelectorNode, timeline: Timeline): Generator<Column>
  checkQuantile(q: number, at: Node): void
}
