export { createBrokerHistory } from './broker-history.ts'
export type { Handed, HistoryOperation, HistoryPort, PlacedOperation } from './operation.ts'
export { Outbox, OutboxFullError } from './outbox.ts'
export { OutboxVersionError } from './outbox-file.ts'
