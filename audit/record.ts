import type { Uuid } from '../kit/index.ts'
import type { Json } from './json.ts'

/** Who asked. */
export interface Actor {
  readonly principal: string
  /** How the principal was established, such as ANONYMOUS or SCRAM-SHA-512. */
  readonly mechanism: string
  readonly tokenId?: string
  readonly onBehalfOf?: string
}

/** From where. */
export interface Source {
  readonly ip: string
  readonly listener: string
  readonly clientId?: string
  readonly software?: string
}

/** Through which interface. */
export type Door = (typeof DOORS)[number]
export const DOORS = ['kafka', 'http', 'cli', 'system'] as const

/** What can undo the operation: its inverse alone, its inverse but not all that followed, or nothing. */
export type Reversal = (typeof REVERSALS)[number]
export const REVERSALS = ['full', 'side-effects', 'none'] as const

export interface Resource {
  readonly kind: string
  readonly name: string
  /** What tells two resources of one name apart over time; null when there is none. */
  readonly id: string | null
}

/**
 * One control operation on one resource, as it is kept for ever. `before` and `after` are the
 * whole resource, null when it does not exist; folding `after` of all records in order gives the
 * state in effect. A record whose `outcome.code` is not NONE changed nothing and has `after` null.
 */
export interface HistoryRecord {
  readonly schema: number
  /** Position in the history, from 0 without gaps. */
  readonly seq: number
  readonly id: Uuid
  /** The same for all records of one call. */
  readonly requestId: Uuid
  /** When the history took it, and when it happened (RFC 3339, milliseconds, UTC). */
  readonly recordedAt: string
  readonly occurredAt: string
  readonly actor: Actor
  readonly source: Source
  readonly door: Door
  /** A stable code such as topic.create. */
  readonly operation: string
  readonly resource: Resource
  /** Whether the actor was allowed, and by which rule. */
  readonly decision: { readonly allowed: boolean; readonly rule: string }
  /** What was asked for, secrets redacted and long texts cut. For people; the fold never reads it. */
  readonly request: Json
  readonly before: Json
  readonly after: Json
  /** A name of Kafka's error table, NONE when it worked. */
  readonly outcome: { readonly code: string; readonly message: string | null }
  readonly reversal: Reversal
  readonly reason?: string
  /** Sequence numbers of the records that led to this one. */
  readonly causes?: readonly number[]
  /** Sequence numbers of the records that this one undoes. */
  readonly reverts?: readonly number[]
}

/** The schema that this program writes. */
export const CURRENT_SCHEMA = 1
