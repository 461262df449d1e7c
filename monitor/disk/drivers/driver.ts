import type { DiskAction } from '../action.ts'
import type { DriverName } from '../disk-policy.ts'
import type { DiskUsage } from '../usage.ts'

/** What a driver could do now. */
export interface DriverBounds {
  /** Size of what it makes larger; null when there is nothing to enlarge. */
  readonly scaledBytes: number | null
  /** What it could reach at most; null when only trying would tell. */
  readonly largestBytes: number | null
}

export type DriverAnswer =
  /** On its way; the size need not be there yet. */
  | { readonly kind: 'asked'; readonly detail: string }
  /** It will not happen; asking again would not help. */
  | { readonly kind: 'refused'; readonly detail: string }

/** A way to give the broker more room. */
export interface ExpansionDriver {
  readonly name: DriverName
  /** What is enlarged: how much the broker may use of its volume, or the volume. */
  readonly scales: 'limit' | 'volume'
  bounds(usage: DiskUsage): Promise<DriverBounds>
  /**
   * Sees to it that the size becomes `action.step.to`. Asked again with the same action after a crash
   * or an error, it must not grow twice. Rejects when asking again may help.
   */
  expand(action: DiskAction, usage: DiskUsage): Promise<DriverAnswer>
  /** Why what was asked for will not arrive; null while it may. */
  refusal?(): Promise<string | null>
}
