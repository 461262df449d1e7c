/** What a broker under test is wired with, as `broker.ts` wires the real one. */
export { appendToEvents, createEvents } from './event-wiring.ts'
export { reportHistory } from './history-events.ts'
export { observeFailedLogin } from './login-observations.ts'
export { brokerEventOf } from './network-events.ts'
export { storageReports, watchStorage } from './storage-events.ts'
