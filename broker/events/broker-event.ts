import type { OwnEvent } from './kinds/broker-kinds.ts'
import type { ClientEvent } from './kinds/client-kinds.ts'
import type { ConnectionEvent } from './kinds/connection-kinds.ts'
import type { SecurityEvent } from './kinds/security-kinds.ts'

/**
 * Something out of the ordinary that an operator would ask about. Plain facts: what is said of them,
 * and what to do, is in `eventKinds`. Nothing in here is a secret.
 */
export type BrokerEvent = ConnectionEvent | SecurityEvent | ClientEvent | OwnEvent

export type EventKind = BrokerEvent['kind']

/** How a room tells of what happened: cheap, and never throws. */
export type ReportEvent = (event: BrokerEvent) => void
