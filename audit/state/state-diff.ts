import type { Json } from '../json.ts'
import { canonicalJson } from '../json.ts'
import type { Resource } from '../record.ts'
import type { HistoryState } from './history-state.ts'

/** A resource that is not the same at two moments; null where it does not exist. */
export interface StateChange {
  readonly key: string
  readonly resource: Resource
  readonly from: Json
  readonly to: Json
}

/** What differs between two states, sorted by key. */
export function diffStates(from: HistoryState, to: HistoryState): readonly StateChange[] {
  const changes: StateChange[] = []
  for (const { key, resource, value, seq } of from.entries()) {
    const other = to.get(key)
    if (other?.seq === seq) continue
    if (other && sameJson(value, other.value)) continue
    changes.push({
      key,
      resource: other?.resource ?? resource,
      from: value,
      to: other?.value ?? null,
    })
  }
  for (const { key, resource, value } of to.entries()) {
    if (!from.get(key)) changes.push({ key, resource, from: null, to: value })
  }
  return changes.sort((one, other) => (one.key < other.key ? -1 : 1))
}

export function sameJson(one: Json, other: Json): boolean {
  return one === other || canonicalJson(one) === canonicalJson(other)
}
