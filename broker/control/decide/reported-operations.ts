import type { Resource } from '../../../audit/index.ts'
import { isTooDeep, sizeFault, wellFormed } from '../documents/document-shape.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import type { ReportedKind, ReportedOperation } from '../reported-operations.ts'
import { REPORT_BOUNDS, REPORTED_OPERATIONS } from '../reported-operations.ts'
import type { Decision } from './decision.ts'
import { refuse } from './decision.ts'
import { hasControlCharacter } from './resource-name.ts'

/**
 * What the monitor says that it did. The record's id of the resource is the outbox: of each kind the last
 * report of an outbox is what the state keeps, so that it does not grow with every ticket.
 */
export function decideReportedOperation<Kind extends ReportedKind>(
  state: FoldedState,
  { kind, name, outbox, position, from, to }: ReportedOperation<Kind>,
): Decision {
  const resource: Resource = { kind: REPORTED_OPERATIONS[kind].resource, name, id: outbox }
  const fault = reportFault(name, outbox, position) ?? valueFault(from) ?? valueFault(to)
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)
  const last = state.tables.outboxes.get(outbox)
  if (last !== undefined && position <= last) {
    return refuse('DUPLICATE_RESOURCE', `Position ${position} was taken before.`, resource)
  }
  if (last === undefined && state.tables.outboxes.size >= REPORT_BOUNDS.outboxes) {
    const message = `There were ${REPORT_BOUNDS.outboxes} outboxes, and no more are kept apart.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  // What somebody wrote was taken as it is by the monitor: a record of it there must be.
  const after = { position, from: wellFormed(from), to: wellFormed(to) }
  return { error: 'NONE', resource, before: null, after, reversal: 'none', result: null }
}

function reportFault(name: string, outbox: string, position: number): string | null {
  const { nameLength } = REPORT_BOUNDS
  const isName = name !== '' && name.length <= nameLength && !hasControlCharacter(name)
  if (!isName || !name.isWellFormed()) {
    return `A resource has a name of 1 to ${nameLength} characters, none of which controls.`
  }
  if (!REPORT_BOUNDS.outbox.test(outbox))
    return 'An outbox has an id of 8 to 64 of A-Z a-z 0-9 _ -.'
  const isPosition = Number.isSafeInteger(position) && position > 0
  return isPosition ? null : 'A position is a whole number from 1 on.'
}

function valueFault(value: ReportedOperation<ReportedKind>['from']): string | null {
  if (isTooDeep(value, REPORT_BOUNDS.valueDepth)) return 'A value is nested too deeply.'
  return sizeFault(value, REPORT_BOUNDS.valueBytes, 'A value')
}
