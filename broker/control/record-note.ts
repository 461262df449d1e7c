import type { HistoryRecord } from '../../audit/index.ts'

/** What a caller adds to the record of its command. */
export type RecordNote = Pick<HistoryRecord, 'reason' | 'causes' | 'reverts'>
