export { decodeRecord, encodeRecord, recordToJson } from './codec.ts'
export {
  type History,
  type HistoryAppend,
  type HistoryEntry,
  HistoryError,
  type HistoryReader,
} from './history.ts'
export type { HistoryQuery } from './history-query.ts'
export { canonicalJson, type Json, type JsonObject } from './json.ts'
export { createMemoryHistory } from './memory-history.ts'
export {
  type HistoryPage,
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
export {
  planRewind,
  type RewindConflict,
  type RewindImpossible,
  type RewindInput,
  type RewindPlan,
  type RewindStep,
  stateAfter,
} from './rewind/rewind-plan.ts'
export { isInScope, type RewindScope } from './rewind/rewind-scope.ts'
export type { Clash, ClashChoice } from './rewind/three-way.ts'
export { HistoryFold } from './state/history-fold.ts'
export {
  changesState,
  type HistoryState,
  resourceKey,
  type StateEntry,
} from './state/history-state.ts'
export { diffStates, type StateChange } from './state/state-diff.ts'
