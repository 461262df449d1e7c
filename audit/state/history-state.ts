import type { Json } from '../json.ts'
import type { HistoryRecord, Resource } from '../record.ts'

/** A resource as the history says it is. */
export interface StateEntry {
  /** `kind:id`, or `kind:name` for resources that have no id. */
  readonly key: string
  readonly resource: Resource
  /** The whole resource: the `after` of the record that changed it last. Never null. */
  readonly value: Json
  /** Sequence number of that record, and when the history took it. */
  readonly seq: number
  readonly recordedAt: string
}

/** What the history amounts to at some moment, whatever the resources are. */
export interface HistoryState {
  /** Sequence number of the last record that was folded in; -1 before the first. */
  readonly seq: number
  readonly size: number
  get(key: string): StateEntry | undefined
  /** In no particular order. */
  entries(): Iterable<StateEntry>
}

/** What tells a resource from all others, over time too. */
export function resourceKey({ kind, name, id }: Resource): string {
  return `${kind}:${id ?? name}`
}

/** Whether the record changed its resource. Most failed attempts did not; a failed purge ends its intent. */
export function changesState(record: Pick<HistoryRecord, 'outcome' | 'after'>): boolean {
  return record.outcome.code === 'NONE' || record.after !== null
}
