export { decodeRecord, encodeRecord, recordToJson } from './codec.ts'
export {
  type History,
  type HistoryAppend,
  type HistoryEntry,
  HistoryError,
  type HistoryReader,
} from './history.ts'
export { canonicalJson, type Json, type JsonObject } from './json.ts'
export { createMemoryHistory } from './memory-history.ts'
export {
  type HistoryPage,
  type HistoryQuery,
  HistoryQueryError,
  MAX_PAGE_RECORDS,
  queryHistory,
} from './query.ts'
export { parseHistoryQuery } from './query-parameters.ts'
export {
  type Actor,
  CURRENT_SCHEMA,
  type Door,
  type HistoryRecord,
  type Resource,
  type Reversal,
  type Source,
} from './record.ts'
