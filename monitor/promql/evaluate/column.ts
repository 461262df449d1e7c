import type { Labels } from '../model/labels.ts'
import { EvaluationError } from '../promql-error.ts'

/**
 * One series of an instant vector over all steps of a timeline at once. Expressions are evaluated series by
 * series rather than step by step, so that inner loops run over flat arrays.
 */
export interface Column {
  readonly labels: Labels
  /** The metric's name no longer fits the values and goes from the answer, unless a label function sets it anew. */
  readonly dropName: boolean
  readonly values: Float64Array
  /** 1 where the series has a value. */
  readonly present: Uint8Array
}

export function newColumn(labels: Labels, dropName: boolean, count: number): Column {
  return { labels, dropName, values: new Float64Array(count), present: new Uint8Array(count) }
}

export function put(column: Column, step: number, value: number): void {
  column.values[step] = value
  column.present[step] = 1
}

export function isEmpty(column: Column): boolean {
  return !column.present.includes(1)
}

/** The same values on every step: for what does not depend on the time of evaluation. */
export function broadcast(column: Column, count: number): Column {
  return {
    labels: column.labels,
    dropName: column.dropName,
    values: new Float64Array(count).fill(column.values[0] ?? 0),
    present: new Uint8Array(count).fill(column.present[0] ?? 0),
  }
}

/**
 * Puts series with equal labels together; two of them must not have a value at the same step.
 * @throws EvaluationError in Prometheus' words when they do
 */
export function mergeEqualLabels(columns: readonly Column[]): Column[] {
  const merged = new Map<string, Column>()
  for (const column of columns) {
    const first = merged.get(column.labels.key)
    if (first === undefined) merged.set(column.labels.key, column)
    else merged.set(column.labels.key, joined(first, column))
  }
  return merged.size === columns.length ? [...columns] : [...merged.values()]
}

function joined(one: Column, other: Column): Column {
  const values = one.values.slice()
  const present = one.present.slice()
  for (let step = 0; step < present.length; step++) {
    if (other.present[step] === 0) continue
    if (present[step] === 1) {
      throw new EvaluationError('vector cannot contain metrics with the same labelset')
    }
    values[step] = other.values[step] as number
    present[step] = 1
  }
  return { labels: one.labels, dropName: one.dropName && other.dropName, values, present }
}
