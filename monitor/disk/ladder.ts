import type { DiskPolicy } from './disk-policy.ts'
import { untilOpenMs } from './disk-policy.ts'
import type { DriverBounds } from './drivers/driver.ts'
import type { DiskStep } from './step.ts'
import type { DiskUsage } from './usage.ts'
import { ABNORMAL_PERCENT, usedPercent } from './usage.ts'

/** Why the disk is too full and no step helps. */
export type Obstacle =
  /** Every topic with an end to its retention is at the floor, or there is none. */
  | 'retention-floor'
  /** The policy lets it grow no further. */
  | 'ceiling'
  /** The driver has no more to give, such as a limit that is all that the file system has. */
  | 'driver'
  /** The monitor was not told how to reach what the driver makes larger. */
  | 'driver-not-configured'

export type LadderDecision =
  | { readonly kind: 'rest' }
  | { readonly kind: 'step'; readonly step: DiskStep }
  | {
      readonly kind: 'wait'
      readonly step: DiskStep
      readonly for: 'cooldown' | 'window'
      readonly untilMs: number
    }
  | { readonly kind: 'blocked'; readonly by: Obstacle }

/** All that a decision depends on. */
export interface LadderView {
  readonly policy: DiskPolicy
  readonly usage: DiskUsage
  /** What the driver could do; null when the policy's driver is not configured. */
  readonly bounds: DriverBounds | null
  /** Longest retention that a topic asks for, those without an end aside; null when there is none. */
  readonly longestRetentionMs: number | null
  /** When the last step was begun, however it ended. */
  readonly lastStepAtMs: number | null
  readonly nowMs: number
}

/** What to do about the disk now. Pure. */
export function decideStep(view: LadderView): LadderDecision {
  const wanted = wantedStep(view)
  if (wanted === null) return { kind: 'rest' }
  if (typeof wanted === 'string') return { kind: 'blocked', by: wanted }
  const { policy, lastStepAtMs, nowMs } = view
  // A step that lies ahead was taken by a clock that has been set back since.
  const isKnown = lastStepAtMs !== null && lastStepAtMs <= nowMs
  const cooledAtMs = isKnown ? lastStepAtMs + policy.cooldownMs : nowMs
  if (cooledAtMs > nowMs)
    return { kind: 'wait', step: wanted, for: 'cooldown', untilMs: cooledAtMs }
  // A disk that is nearly full does not wait for the night.
  const isUrgent =
    wanted.kind !== 'lengthen-retention' && usedPercent(view.usage) >= ABNORMAL_PERCENT
  const closedMs = isUrgent ? 0 : untilOpenMs(policy.planWindow, nowMs)
  if (closedMs > 0) return { kind: 'wait', step: wanted, for: 'window', untilMs: nowMs + closedMs }
  return { kind: 'step', step: wanted }
}

function wantedStep(view: LadderView): DiskStep | Obstacle | null {
  switch (view.policy.mode) {
    case 'off':
      return null
    case 'retention':
      return retentionStep(view)
    case 'expansion':
      return usedPercent(view.usage) < view.policy.thresholdPercent ? null : expansionStep(view)
  }
}

/**
 * Shorter while the disk is too full; longer again once even records that fill the longer retention
 * would leave it a whole step below the threshold, so that one does not call for the other.
 */
function retentionStep({
  policy,
  usage,
  longestRetentionMs,
}: LadderView): DiskStep | Obstacle | null {
  const { thresholdPercent, stepPercent, effectiveRetentionPercent: from } = policy
  const percent = usedPercent(usage)
  if (percent >= thresholdPercent) {
    if (longestRetentionMs === null) return 'retention-floor'
    // Below this no topic would keep its records for less than it does.
    const lowest = Math.ceil((100 * policy.retentionFloorMs) / longestRetentionMs)
    const to = Math.max(from - stepPercent, lowest, 1)
    return to < from ? { kind: 'shorten-retention', from, to } : 'retention-floor'
  }
  const to = Math.min(100, from + stepPercent)
  const expectedPercent = (percent * to) / from
  if (to === from || expectedPercent > thresholdPercent - stepPercent) return null
  return { kind: 'lengthen-retention', from, to }
}

function expansionStep({ policy, bounds }: LadderView): DiskStep | Obstacle {
  if (bounds === null) return 'driver-not-configured'
  const { scaledBytes: from, largestBytes } = bounds
  if (from === null) return 'driver'
  const { stepPercent, capacityGranularityBytes: unit, capacityCeilingBytes } = policy
  const ceiling = capacityCeilingBytes ?? Number.MAX_SAFE_INTEGER
  const largest = largestBytes ?? Number.MAX_SAFE_INTEGER
  const wantedUnits = Math.ceil((from * stepPercent) / 100 / unit)
  const possibleUnits = Math.floor((Math.min(ceiling, largest) - from) / unit)
  const units = Math.min(wantedUnits, possibleUnits)
  if (units > 0) return { kind: 'expand', from, to: from + units * unit }
  return ceiling <= largest ? 'ceiling' : 'driver'
}
