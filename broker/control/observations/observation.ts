import type { JsonObject, Resource } from '../../../audit/index.ts'
import type { AccessDecision } from '../access.ts'
import type { Actor } from '../actor.ts'

/**
 * Something that somebody did or tried and that changed nothing: a failed login, denied access to
 * data, a query of the history. For the history only; the state is the same before and after.
 */
export interface Observation {
  /** A stable code such as `login`, `access`, `audit.read`. */
  readonly operation: string
  readonly actor: Actor
  readonly resource: Resource
  readonly decision: AccessDecision
  /** A name of Kafka's error table, NONE when it worked. */
  readonly outcome: { readonly code: string; readonly message: string | null }
  /** What was asked for, without secrets. */
  readonly request?: JsonObject
  /** Sequence numbers of records that it follows from. */
  readonly causes?: readonly number[]
}

/** Observations of one kind in one window of time. */
export interface ObservationGroup {
  /** The first of them. */
  readonly first: Observation
  readonly count: number
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** How many kinds were put together because there were too many; 1 usually. */
  readonly kinds: number
}
