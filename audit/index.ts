export { type Checkpoint, parseCheckpoint, type SignedCheckpoint } from './checkpoint/checkpoint.ts'
export {
  AUDIT_KEY_RESOURCE,
  type AuditKey,
  KEY_ROTATION,
  rotatedKey,
  rotationFault,
} from './checkpoint/key-chain.ts'
export {
  NoteError,
  type NoteSigner,
  type NoteVerifier,
  parseVerifierKey,
} from './checkpoint/note-keys.ts'
export { decodeRecord, encodeRecord, recordToJson } from './codec.ts'
export {
  EXPORT_FILTERS,
  EXPORT_FORMATS,
  type ExportFilter,
  exportEvents,
  exportMatching,
} from './events/export-events.ts'
export { type EventFormat, formatEvent } from './events/format-event.ts'
export {
  type FollowedHistory,
  type History,
  type HistoryAppend,
  type HistoryEntry,
  HistoryError,
  type HistoryReader,
  type TakeStored,
} from './history.ts'
export type { HistoryQuery } from './history-query.ts'
export { canonicalJson, type Json, type JsonObject } from './json.ts'
export { createMemoryHistory } from './memory-history.ts'
export { consistencyProof as consistencyHashes } from './merkle/proofs.ts'
export { EventPusher, type PushTarget } from './push/event-pusher.ts'
export { pushTarget, pushUrlFault } from './push/push-target.ts'
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
export type { CheckpointTarget, PublisherState } from './trail/checkpoint-publisher.ts'
export { fileTarget, outputTarget } from './trail/checkpoint-targets.ts'
export { Cosignatures } from './trail/cosignatures.ts'
export {
  HistoryTrail,
  originOf,
  type SigningOptions,
  type TrailOptions,
} from './trail/history-trail.ts'
export { type Moment, MomentError, parseMoment } from './trail/moment.ts'
export { SigningKeyFiles } from './trail/signing-key-files.ts'
export {
  type ConsistencyProof,
  consistencyOf,
  type InclusionProof,
  inclusionOf,
  ProofError,
} from './trail/tree-proofs.ts'
export { type WitnessOptions, witnessTarget } from './trail/witness-target.ts'
export type { VerifyOptions } from './verify/history-verifier.ts'
export { type CheckedRecords, RecordsCheck } from './verify/records-check.ts'
export { verifyExport } from './verify/verify-export.ts'
export type { Tampering, VerifyReport } from './verify/verify-report.ts'
