export type { AuditSettings } from './audit-trail.ts'
export { type Broker, type BrokerOptions, type Platform, startBroker } from './broker.ts'
export { LogStoreError, workerJournalDevice } from './log/index.ts'
export { openStoppedHistory, type StoppedHistory } from './stopped-history.ts'
