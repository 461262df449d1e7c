import type { Labels } from '../model/labels.ts'
import { METRIC_NAME } from '../model/labels.ts'
import { EvaluationError } from '../promql-error.ts'
import type { BinaryNode, VectorMatching } from '../syntax/ast.ts'
import type { Column } from './column.ts'
import { mergeEqualLabels, newColumn, put } from './column.ts'
import { anyPresent, bySignature, matchLabels } from './matching.ts'
import { calculator, comparer, isArithmetic } from './operators.ts'

/**
 * Arithmetic and comparisons between two vectors: every series of the side of many finds the one of the other side.
 * @throws EvaluationError where the other side has more than one, or two results could not be told apart
 */
export function combineVectors(
  node: BinaryNode,
  matching: VectorMatching,
  left: readonly Column[],
  right: readonly Column[],
  count: number,
): Column[] {
  const swapped = matching.cardinality === 'one-to-many'
  const many = swapped ? right : left
  const one = swapped ? left : right
  if (many.length === 0 || one.length === 0) return []
  const combine = combiner(node, swapped)
  const oneSide = new OneSide(
    one,
    matching,
    count,
    anyPresent(many, count),
    swapped ? 'left' : 'right',
  )
  const results: Column[] = []
  for (const [key, members] of bySignature(many, matching)) {
    const partners = oneSide.partnersOf(key)
    if (partners.length === 0) continue
    // One by one: a call cannot have as many arguments as a group may have members.
    for (const pair of combinePairs(members, partners, node, matching, combine, count))
      results.push(pair)
  }
  return mergeEqualLabels(results)
}

/** Gives a step of `result` its value; nothing where a comparison does not hold. */
type Combine = (result: Column, step: number, many: number, one: number) => void

function combiner(node: BinaryNode, swapped: boolean): Combine {
  if (isArithmetic(node.operator) || node.returnsBool) {
    const calculate = calculator(node.operator)
    return swapped
      ? (result, step, many, one) => put(result, step, calculate(one, many))
      : (result, step, many, one) => put(result, step, calculate(many, one))
  }
  const holds = comparer(node.operator)
  return swapped
    ? (result, step, many, one) => holds(one, many) && put(result, step, one)
    : (result, step, many, one) => holds(many, one) && put(result, step, many)
}

function combinePairs(
  members: readonly Column[],
  partners: readonly Column[],
  node: BinaryNode,
  matching: VectorMatching,
  combine: Combine,
  count: number,
): Column[] {
  const taken = new Map<string, Uint8Array>()
  const results: Column[] = []
  for (const member of members) {
    for (const partner of partners) {
      const labels = resultLabels(member.labels, partner.labels, node, matching)
      const result = newColumn(labels, node.returnsBool, count)
      const steps = matchedSteps(
        taken,
        matching.cardinality === 'one-to-one' ? '' : labels.key,
        count,
      )
      for (let step = 0; step < count; step++) {
        if (member.present[step] === 0 || partner.present[step] === 0) continue
        if (steps[step] === 1) refuseSecondMatch(matching)
        steps[step] = 1
        combine(result, step, member.values[step] as number, partner.values[step] as number)
      }
      results.push(result)
    }
  }
  return results
}

/** Where a result with this key was found already. */
function matchedSteps(taken: Map<string, Uint8Array>, key: string, count: number): Uint8Array {
  const known = taken.get(key)
  if (known !== undefined) return known
  const created = new Uint8Array(count)
  taken.set(key, created)
  return created
}

function refuseSecondMatch(matching: VectorMatching): never {
  throw new EvaluationError(
    matching.cardinality === 'one-to-one'
      ? 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)'
      : 'multiple matches for labels: grouping labels must ensure unique matches',
  )
}

function resultLabels(
  many: Labels,
  one: Labels,
  node: BinaryNode,
  matching: VectorMatching,
): Labels {
  let labels = isArithmetic(node.operator) ? many.withoutName() : many
  if (matching.cardinality === 'one-to-one') {
    const names = new Set(matching.labels)
    labels = matching.on ? labels.keep(names) : labels.without(names)
  }
  for (const name of matching.include) labels = labels.with(name, one.get(name))
  return labels
}

/** The side of which every signature must stand for one series at a time. */
class OneSide {
  readonly #bySignature: ReadonlyMap<string, readonly Column[]>

  constructor(
    columns: readonly Column[],
    matching: VectorMatching,
    count: number,
    otherPresent: Uint8Array,
    side: 'left' | 'right',
  ) {
    this.#bySignature = bySignature(columns, matching)
    for (const same of this.#bySignature.values()) {
      if (same.length > 1) refuseDuplicates(same, matching, count, otherPresent, side)
    }
  }

  partnersOf(key: string): readonly Column[] {
    return this.#bySignature.get(key) ?? []
  }
}

function refuseDuplicates(
  same: readonly Column[],
  matching: VectorMatching,
  count: number,
  otherPresent: Uint8Array,
  side: 'left' | 'right',
): void {
  for (let step = 0; step < count; step++) {
    if (otherPresent[step] === 0) continue
    const [first, second] = same.filter((column) => column.present[step] === 1)
    if (first === undefined || second === undefined) continue
    const group = matching.on
      ? matchLabels(first.labels, matching)
      : first.labels.without(new Set([...matching.labels, METRIC_NAME]))
    const duplicates = [first, second].map((column) => column.labels.toString()).sort()
    throw new EvaluationError(
      `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: ` +
        `[${duplicates.join(', ')}];many-to-many matching not allowed: matching labels must be unique on one side`,
    )
  }
}
