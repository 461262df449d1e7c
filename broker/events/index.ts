export type { BrokerEvent, EventKind, Origin, ReportEvent } from './broker-event.ts'
export {
  type EventResource,
  type EventSeverity,
  eventKindNames,
  eventKinds,
} from './event-kinds.ts'
export { type EventReport, type EventSink, logSink } from './event-report.ts'
export { EventReporter } from './event-reporter.ts'
