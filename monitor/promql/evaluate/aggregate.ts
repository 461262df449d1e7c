import type { Labels } from '../model/labels.ts'
import type { AggregateNode } from '../syntax/ast.ts'
import type { Column } from './column.ts'
import { newColumn, put } from './column.ts'
import { Grouping } from './grouping.ts'
import { ascending, CompensatedMean, formatPlain, quantileOf } from './numeric.ts'

/** Takes in the series of one group, one after the other, and gives the group's own. */
interface Accumulator {
  add(column: Column): void
  /** Null when no series had a value. */
  finish(): Column | null
}

type SimpleOperator = Exclude<AggregateNode['operator'], 'topk' | 'bottomk' | 'count_values'>

/** `quantiles` holds the parameter of `quantile` for each step. */
export function* aggregate(
  node: AggregateNode,
  columns: Iterable<Column>,
  count: number,
  quantiles: Float64Array | null,
): Generator<Column> {
  const operator = node.operator as SimpleOperator
  const groups = new Grouping(node.grouping, node.without, (labels) =>
    accumulator(operator, labels, count, quantiles),
  )
  for (const column of columns) groups.groupOf(column.labels).add(column)
  for (const group of groups.all()) {
    const column = group.finish()
    if (column !== null) yield column
  }
}

function accumulator(
  operator: SimpleOperator,
  labels: Labels,
  count: number,
  quantiles: Float64Array | null,
): Accumulator {
  switch (operator) {
    case 'sum':
      return new Sum(labels, count)
    case 'avg':
      return new Average(labels, count)
    case 'stdvar':
      return new Variance(labels, count, (variance) => variance)
    case 'stddev':
      return new Variance(labels, count, Math.sqrt)
    case 'quantile':
      return new Quantile(labels, count, quantiles ?? new Float64Array(count))
    case 'count':
      return new Folded(
        labels,
        count,
        (counted) => counted + 1,
        () => 1,
      )
    case 'group':
      return new Folded(
        labels,
        count,
        () => 1,
        () => 1,
      )
    case 'min':
      return new Folded(labels, count, (least, value) =>
        value < least || Number.isNaN(least) ? value : least,
      )
    case 'max':
      return new Folded(labels, count, (most, value) =>
        value > most || Number.isNaN(most) ? value : most,
      )
  }
}

/** What needs the value so far and nothing else. */
class Folded implements Accumulator {
  readonly #column: Column
  readonly #fold: (sofar: number, value: number) => number
  readonly #first: (value: number) => number
  #dropName = false

  constructor(
    labels: Labels,
    count: number,
    fold: (sofar: number, value: number) => number,
    first: (value: number) => number = (value) => value,
  ) {
    this.#column = newColumn(labels, false, count)
    this.#fold = fold
    this.#first = first
  }

  add({ values, present, dropName }: Column): void {
    const { values: sofar, present: seen } = this.#column
    for (let step = 0; step < present.length; step++) {
      if (present[step] === 0) continue
      const value = values[step] as number
      sofar[step] = seen[step] === 0 ? this.#first(value) : this.#fold(sofar[step] as number, value)
      seen[step] = 1
    }
    this.#dropName ||= dropName
  }

  finish(): Column {
    return { ...this.#column, dropName: this.#dropName }
  }
}

/** Compensated like sum_over_time, with the state of all steps in arrays of its own. */
class Sum implements Accumulator {
  readonly #column: Column
  readonly #compensation: Float64Array
  #dropName = false

  constructor(labels: Labels, count: number) {
    this.#column = newColumn(labels, false, count)
    this.#compensation = new Float64Array(count)
  }

  add({ values, present, dropName }: Column): void {
    const { values: sums, present: seen } = this.#column
    const compensation = this.#compensation
    for (let step = 0; step < present.length; step++) {
      if (present[step] === 0) continue
      const value = values[step] as number
      const sum = sums[step] as number
      const total = sum + value
      if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) {
        compensation[step] = 0
      } else {
        const lost = Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum
        compensation[step] = (compensation[step] as number) + lost
      }
      sums[step] = total
      seen[step] = 1
    }
    this.#dropName ||= dropName
  }

  finish(): Column {
    const { labels, values, present } = this.#column
    const totals = values.map((sum, step) =>
      Number.isFinite(sum) ? sum + (this.#compensation[step] as number) : sum,
    )
    return { labels, dropName: this.#dropName, values: totals, present }
  }
}

class Average implements Accumulator {
  readonly #labels: Labels
  readonly #means: (CompensatedMean | undefined)[]
  #dropName = false

  constructor(labels: Labels, count: number) {
    this.#labels = labels
    this.#means = new Array(count)
  }

  add({ values, present, dropName }: Column): void {
    for (let step = 0; step < present.length; step++) {
      if (present[step] === 0) continue
      let mean = this.#means[step]
      if (mean === undefined) {
        mean = new CompensatedMean()
        this.#means[step] = mean
      }
      mean.add(values[step] as number)
    }
    this.#dropName ||= dropName
  }

  finish(): Column {
    const column = newColumn(this.#labels, this.#dropName, this.#means.length)
    for (const [step, mean] of this.#means.entries()) {
      if (mean !== undefined) put(column, step, mean.mean)
    }
    return column
  }
}

/** Welford's way; a group that begins with a value that is not finite has no variance. */
class Variance implements Accumulator {
  readonly #column: Column
  readonly #means: Float64Array
  readonly #counts: Uint32Array
  readonly #finish: (variance: number) => number
  #dropName = false

  constructor(labels: Labels, count: number, finish: (variance: number) => number) {
    this.#column = newColumn(labels, false, count)
    this.#means = new Float64Array(count)
    this.#counts = new Uint32Array(count)
    this.#finish = finish
  }

  add({ values, present, dropName }: Column): void {
    const { values: squares, present: seen } = this.#column
    for (let step = 0; step < present.length; step++) {
      if (present[step] === 0) continue
      const value = values[step] as number
      const counted = (this.#counts[step] as number) + 1
      this.#counts[step] = counted
      seen[step] = 1
      if (counted === 1) {
        this.#means[step] = value
        squares[step] = Number.isFinite(value) ? 0 : Number.NaN
        continue
      }
      const delta = value - (this.#means[step] as number)
      const mean = (this.#means[step] as number) + delta / counted
      this.#means[step] = mean
      squares[step] = (squares[step] as number) + delta * (value - mean)
    }
    this.#dropName ||= dropName
  }

  finish(): Column {
    const { labels, values, present } = this.#column
    const variances = values.map((squares, step) =>
      this.#finish(squares / (this.#counts[step] as number)),
    )
    return { labels, dropName: this.#dropName, values: variances, present }
  }
}

class Quantile implements Accumulator {
  readonly #labels: Labels
  readonly #quantiles: Float64Array
  readonly #columns: Column[] = []
  readonly #count: number

  constructor(labels: Labels, count: number, quantiles: Float64Array) {
    this.#labels = labels
    this.#count = count
    this.#quantiles = quantiles
  }

  add(column: Column): void {
    this.#columns.push(column)
  }

  finish(): Column {
    const dropName = this.#columns.some((column) => column.dropName)
    const result = newColumn(this.#labels, dropName, this.#count)
    const buffer = new Float64Array(this.#columns.length)
    for (let step = 0; step < this.#count; step++) {
      let filled = 0
      for (const column of this.#columns) {
        if (column.present[step] === 1) buffer[filled++] = column.values[step] as number
      }
      if (filled === 0) continue
      put(
        result,
        step,
        quantileOf(this.#quantiles[step] as number, buffer.subarray(0, filled).sort(ascending)),
      )
    }
    return result
  }
}

/** How many series of each group have each value; the value becomes the label `name`. */
export function* countValues(
  node: AggregateNode,
  columns: Iterable<Column>,
  count: number,
  name: string,
): Generator<Column> {
  const groups = new Grouping(
    [...node.grouping, ...(node.without ? [] : [name])],
    node.without,
    (labels) => newColumn(labels, false, count),
  )
  for (const column of columns) {
    for (let step = 0; step < count; step++) {
      if (column.present[step] === 0) continue
      const value = formatPlain(column.values[step] as number)
      const group = groups.groupOf(column.labels.with(name, value))
      put(group, step, (group.values[step] as number) + 1)
    }
  }
  yield* groups.all()
}
