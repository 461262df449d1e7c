import type { ErrorName } from '../../protocol/index.ts'
import type { BrokerEvent } from '../events/index.ts'
import type { ClassicGroup } from './classic/group.ts'
import type { GroupConfig } from './group-config.ts'
import type { GroupCounters, JoinAnswer, SyncAnswer } from './port.ts'
import type { CoordinatorRecord } from './records/coordinator-record.ts'

/**
 * What shall happen when the join phase has lasted long enough: `complete` ends it; `initial` may
 * prolong it, because the group was empty and members are still arriving.
 */
export type JoinDeadline =
  | { readonly kind: 'complete' }
  | { readonly kind: 'initial'; readonly delayMs: number; readonly remainingMs: number }

/** What a decision asks for besides the new state, carried out in order once its records are durable. */
export type Effect =
  /** The request that is being decided waits for an answer under this member's id. */
  | { readonly kind: 'park-join'; readonly memberId: string }
  | { readonly kind: 'park-sync'; readonly memberId: string }
  /** Answers the request that waits under this id; nothing when none does. */
  | { readonly kind: 'answer-join'; readonly memberId: string; readonly answer: JoinAnswer }
  | { readonly kind: 'answer-sync'; readonly memberId: string; readonly answer: SyncAnswer }
  /** The member must show life within this time, counted from now. */
  | { readonly kind: 'begin-session'; readonly memberId: string; readonly timeoutMs: number }
  | { readonly kind: 'end-session'; readonly memberId: string }
  /** Each group has one deadline for the join phase and one for the sync phase. */
  | { readonly kind: 'arm-join'; readonly delayMs: number; readonly deadline: JoinDeadline }
  | { readonly kind: 'cancel-join' }
  | { readonly kind: 'arm-sync'; readonly delayMs: number; readonly generationId: number }
  | { readonly kind: 'cancel-sync' }
  | { readonly kind: 'count'; readonly counter: keyof GroupCounters; readonly by: number }
  /** Operators are told. */
  | { readonly kind: 'report'; readonly event: BrokerEvent }

/**
 * The outcome of one request or deadline: what to write, what the group becomes when that is
 * durable, what to do then, and what to answer (undefined when the request waits, or there is none).
 */
export interface Decision<Answer> {
  readonly group: ClassicGroup | null
  readonly records: readonly CoordinatorRecord[]
  readonly effects: readonly Effect[]
  readonly answer: Answer | undefined
  /**
   * What to do instead when the records could not be written; it may not want to write again. By
   * default nothing happened, and the request is answered with the error.
   */
  readonly onFailure?: (error: ErrorName) => Decision<Answer>
}

/** What decisions know besides the group and the request. */
export interface DecisionContext {
  /** Wall-clock time in milliseconds since the epoch. */
  readonly nowMs: number
  readonly config: GroupConfig
}

/** Nothing changes. */
export function unchanged<Answer>(
  group: ClassicGroup | null,
  answer: Answer,
  effects: readonly Effect[] = [],
): Decision<Answer> {
  return { group, records: [], effects, answer }
}
