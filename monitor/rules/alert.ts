import type { Labels } from '../promql/index.ts'

export type AlertState = 'inactive' | 'pending' | 'firing'

/** One instance of an alerting rule: one series for which its condition holds, or held until lately. */
export interface Alert {
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly state: AlertState
  readonly value: number
  /** Since when the condition holds. */
  readonly activeAtMs: number
  /** When it began to fire; null while it is pending. */
  readonly firedAtMs: number | null
  /** Since when the condition no longer holds while the alert goes on firing. */
  readonly keepFiringSinceMs: number | null
  /** When it became inactive; null while it is not. */
  readonly resolvedAtMs: number | null
}
