import type { FdatasyncTime } from '../measure/fdatasync.ts'
import type { Measurement } from '../run/measurement.ts'

export type ClientKind = 'raw' | 'kafka-tools'

/** One run of each broker, one right after the other. */
export interface Pair {
  /** RFC 3339. */
  readonly at: string
  readonly glasslog: Measurement
  /** Null for a load that makes sense for Glasslog only. */
  readonly kafka: Measurement | null
}

/** Under which conditions pairs may be put together: when any of this differs they may not. */
export interface Conditions {
  readonly client: ClientKind
  /** The load's whole declaration. */
  readonly load: string
  readonly summary: string
  readonly machine: string
  readonly cores: string
  readonly glasslogVersion: string
  readonly kafkaVersion: string
  readonly warmupMs: number
  readonly measureMs: number
  readonly scale: number
}

/** All pairs of one load so far. */
export interface Comparison {
  readonly name: string
  readonly conditions: Conditions
  readonly commands: { readonly glasslog: string; readonly kafka: string | null }
  readonly fdatasync: FdatasyncTime
  readonly pairs: readonly Pair[]
}
