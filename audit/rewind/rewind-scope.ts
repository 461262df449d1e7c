import type { HistoryRecord } from '../record.ts'
import { changesState } from '../state/history-state.ts'

/** Which operations a rewind is about. What is left out does not restrict. */
export interface RewindScope {
  readonly kinds?: readonly string[]
  /** Resources whose names begin so. */
  readonly namePrefix?: string
  /** Operations of this principal alone (`User:alice`). */
  readonly principal?: string
}

/** Whether a record changed something that the scope is about. */
export function isInScope(record: HistoryRecord, scope: RewindScope): boolean {
  const { kinds, namePrefix, principal } = scope
  if (!changesState(record)) return false
  if (kinds !== undefined && !kinds.includes(record.resource.kind)) return false
  if (namePrefix !== undefined && !record.resource.name.startsWith(namePrefix)) return false
  return principal === undefined || record.actor.principal === principal
}
