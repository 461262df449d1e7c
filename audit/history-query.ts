import type { Door } from './record.ts'

/** Which records somebody wants to see. What is left out does not restrict. */
export interface HistoryQuery {
  /** Recorded at or after, and before (milliseconds since the epoch). */
  readonly fromMs?: number
  readonly toMs?: number
  /** The whole principal (`User:alice`) or its name alone. */
  readonly principal?: string
  /** A code (`topic.create`), or the start of one with a star (`topic.*`). */
  readonly operation?: string
  /** A resource's name, its id, or `kind:name`. */
  readonly resource?: string
  /** An error's name, or `success`, or `failure`. */
  readonly outcome?: string
  /** Through which interface it came. */
  readonly door?: Door
  /** From which address, as the record has it. */
  readonly address?: string
  /** Words that all are somewhere in the record, in any case; a part of a word is enough. */
  readonly q?: string
  /** `newest` first unless said otherwise. */
  readonly order?: 'newest' | 'oldest'
  readonly limit?: number
  /** Where the page before ended, as its `next` said. */
  readonly cursor?: string
}
