import type { Operation } from '../alerting/index.ts'
import { abbreviate } from '../kit/index.ts'
import type { FindingOperation } from './inspections/index.ts'
import type { HistoryOperation } from './outbox/index.ts'

/** Texts of people, and lists of them, are in the monitor as long as they like; a record of the history has bounds. */
const MAX_TEXT_LENGTH = 1_000
const MAX_ITEMS = 20

/** What somebody did at the monitor, as the broker's history has it. */
export function historyOperation(operation: Operation): HistoryOperation {
  const { id, actor, occurredAtMs, resource, before, after } = operation
  return {
    id,
    operation: operation.operation,
    resource: resource.id,
    occurredAtMs,
    onBehalfOf: `User:${actor}`,
    before: before && shortened(before),
    after: after && shortened(after),
  }
}

/** What somebody did with a finding, without its chart and remedy, which are no part of what was done. */
export function findingHistoryOperation(
  { operation, actor, before, after }: FindingOperation,
  { id, occurredAtMs }: { readonly id: string; readonly occurredAtMs: number },
): HistoryOperation {
  const shown = ({ evidence, remedy, ...finding }: FindingOperation['before']) => shortened(finding)
  return {
    ...{ id, operation, resource: after.id, occurredAtMs, onBehalfOf: `User:${actor}` },
    ...{ before: shown(before), after: shown(after) },
  }
}

/** Of lists the last items, which are the newest comments and changes of a ticket. */
function shortened(value: object): object {
  return JSON.parse(JSON.stringify(value), (_, member: unknown) => {
    if (typeof member === 'string') return abbreviate(member, MAX_TEXT_LENGTH)
    return Array.isArray(member) ? member.slice(-MAX_ITEMS) : member
  }) as object
}
