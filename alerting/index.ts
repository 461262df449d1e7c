export type { Alert, IncomingAlert } from './alerts/alert.ts'
export { ALERT_NAME, type Fingerprint, fingerprintOf, type LabelSet } from './alerts/label-set.ts'
export { type AlertingApiServices, addAlertingApi } from './api/alerting-api.ts'
export { type AlertmanagerApiServices, addAlertmanagerApi } from './api/alertmanager-api.ts'
export type { AlertingConfig } from './config/config.ts'
export { DEFAULT_CONFIG_YAML } from './config/default-config.ts'
export { parseAlertingConfig } from './config/parse-config.ts'
export {
  type StoredAlerting,
  type StoredContactPoint,
  withStored,
} from './config/stored-config.ts'
export { type UsableStored, usableStored } from './config/usable-stored.ts'
export { AlertingConfigError, type ConfigFault, formatFault } from './config/yaml-reader.ts'
export type { NotifiedAlert } from './delivery/notification.ts'
export type { Chart, ChartOf } from './notifiers/email.ts'
export { createOutlets, type OutletParts } from './notifiers/outlets.ts'
export type { StoredSecrets } from './notifiers/secret-source.ts'
export type { RenderTemplate, TemplateData } from './notifiers/template-data.ts'
export type { Operation, OperationObserver } from './operation.ts'
export type { RefusedAlert } from './pipeline/intake.ts'
export {
  type AlertingOptions,
  AlertingPipeline,
  type AlertingPlatform,
  DEFAULT_MAX_ALERTS,
  type Outlets,
} from './pipeline/pipeline.ts'
export { RequestError } from './request-error.ts'
export type { Delivery } from './state/delivery-log.ts'
export { AlertingVersionError } from './state/state-log.ts'
export type { Ticket, TicketSource } from './tickets/ticket.ts'
export type { NewTicket, TicketPatch } from './tickets/ticket-book.ts'
