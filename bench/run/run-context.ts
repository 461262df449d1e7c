import type { Address } from '../client/connections.ts'
import type { Meter } from './meter.ts'

/** How long, and how much at most. */
export interface RunLimits {
  readonly warmupMs: number
  readonly measureMs: number
  /** What a consume load writes first, at most. */
  readonly maxPreloadBytes: number
}

/** What every kind of run needs. */
export interface RunContext {
  readonly address: Address
  readonly topic: string
  readonly meter: Meter
  readonly limitMs: number
  readonly maxPreloadBytes: number
  /** Lets the load warm up, measures it, and resolves when the measured time is over. */
  measure(): Promise<void>
}
