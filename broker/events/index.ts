export type { BrokerEvent, EventKind, ReportEvent } from './broker-event.ts'
export { eventKindNames, eventKinds } from './event-kinds.ts'
export { type AppendEvents, EventLog } from './event-log.ts'
export { decodeEvent, type EventRecord } from './event-record.ts'
export { type EventReport, type EventSink, logSink } from './event-report.ts'
export { EventReporter } from './event-reporter.ts'
export type { MissedDeadline, RebalanceReason } from './kinds/client-kinds.ts'
export type { Origin } from './kinds/connection-kinds.ts'
export {
  EVENT_RESOURCE_KINDS,
  EVENT_SEVERITIES,
  type EventResource,
  type EventSeverity,
} from './kinds/event-kind-row.ts'
