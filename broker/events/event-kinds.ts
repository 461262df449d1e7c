import type { BrokerEvent, EventKind } from './broker-event.ts'
import { ownKinds } from './kinds/broker-kinds.ts'
import { clientKinds } from './kinds/client-kinds.ts'
import { connectionKinds } from './kinds/connection-kinds.ts'
import type { EventKindRow, EventKindRows } from './kinds/event-kind-row.ts'
import { securityKinds } from './kinds/security-kinds.ts'

/**
 * Every kind of event. The log line, the metric, the record in `__events` and docs/events.md derive
 * from it.
 */
export const eventKinds: EventKindRows<BrokerEvent> = {
  ...connectionKinds,
  ...securityKinds,
  ...clientKinds,
  ...ownKinds,
}

export const eventKindNames = Object.keys(eventKinds) as readonly EventKind[]

/** The row of an event's kind. */
export function rowOf(event: BrokerEvent): EventKindRow<BrokerEvent> {
  // The table gives each kind the row of that kind, which a union of functions cannot say.
  return eventKinds[event.kind] as unknown as EventKindRow<BrokerEvent>
}
