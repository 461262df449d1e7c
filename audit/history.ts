import type { HistoryRecord } from './record.ts'

/** A record with the bytes that are stored: what is hashed, exported and verified are these bytes. */
export interface HistoryEntry {
  readonly record: HistoryRecord
  readonly bytes: Uint8Array
}

/** What became of an append. Only after `unknown` may the records be in the history all the same. */
export type HistoryAppend =
  | { readonly kind: 'appended' }
  | { readonly kind: 'unexpected-seq'; readonly nextSeq: number }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }

/** Bytes of the record with that sequence number. */
export type TakeStored = (bytes: Uint8Array, seq: number) => void

/** The history as a reader sees it. */
export interface HistoryReader {
  /** Sequence number of the next record: every record below it can be read. */
  readonly nextSeq: number
  /**
   * Records from `fromSeq` on, in order: at least one when there is one, at most `limit`. Throws a
   * HistoryError when what is stored is not a history that this program understands.
   */
  read(fromSeq: number, limit: number): Promise<readonly HistoryEntry[]>
  /**
   * Hands over the stored bytes alone, of the same records: for what goes through a long history without
   * keeping any of it. `take` runs at once for one after the other, and the bytes are the history's again
   * when it returns. Answers how many there were.
   */
  scan(fromSeq: number, limit: number, take: TakeStored): Promise<number>
}

/** The history as somebody sees it who goes along with it. */
export interface FollowedHistory extends HistoryReader {
  /** Called after each append with what was appended, in order. Answers how to stop. */
  subscribe(listener: (entries: readonly HistoryEntry[]) => void): () => void
}

/** The port behind which the history is kept: one order, appended to and never changed. */
export interface History extends FollowedHistory {
  /**
   * Appends all records or none; durable when it answers `appended`. The first must have
   * `seq === nextSeq`, the others follow without gaps.
   */
  append(records: readonly HistoryRecord[]): Promise<HistoryAppend>
}

/** The stored history cannot be used: damaged, or written by a newer program. The process must not go on. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError'
}
