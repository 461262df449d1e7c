export type { BlockSeries } from './block.ts'
export type { Chunk } from './chunk.ts'
export { HashedNumbers } from './hashed-numbers.ts'
export type { SampleBatch } from './journal.ts'
export { seriesOfChunks } from './merge-chunks.ts'
export {
  DEFAULT_STORE_OPTIONS,
  type SelectedChunks,
  SeriesStore,
  type SeriesStoreOptions,
} from './store.ts'
