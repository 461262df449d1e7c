import type { Fingerprint } from '../alerts/label-set.ts'

/** Somebody looks after an alert: no escalation, no repeats, until it is over. */
export interface Acknowledgement {
  readonly fingerprint: Fingerprint
  readonly by: string
  readonly comment: string
  readonly atMs: number
}
