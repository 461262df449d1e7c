export type { SampleBatch } from './journal.ts'
export { DEFAULT_STORE_OPTIONS, SeriesStore, type SeriesStoreOptions } from './store.ts'
