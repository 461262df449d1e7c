import type { HistoryTrail } from '../../audit/index.ts'
import type { Actor, Outcome } from '../control/index.ts'

export interface RotateKeyOptions {
  readonly dryRun: boolean
  readonly reason?: string | undefined
}

/** What proves the history, as routes use it. */
export interface AuditService {
  readonly trail: HistoryTrail
  /** The newest checkpoint that a witness signed, else the newest; null before the first. */
  readonly checkpointText: string | null
  /** Puts a new signing key in force, signed by the old one; with `dryRun` only answers what would come of it. */
  rotateKey(actor: Actor, options: RotateKeyOptions): Promise<Outcome>
}
