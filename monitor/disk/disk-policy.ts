/** A part of each day, in UTC: hours and minutes such as `02:00`. One that ends before it begins goes past midnight. */
export interface PlanWindow {
  readonly from: string
  readonly to: string
}

export type DriverName = 'capacity' | 'lvm' | 'kubernetes' | 'webhook'

/**
 * What shall happen when the disk fills, as the broker keeps it (`/v1/disk-policy`). What topics ask
 * for stays as it is; `effectiveRetentionPercent` says how much of it they have at present.
 */
export interface DiskPolicy {
  readonly mode: 'off' | 'retention' | 'expansion'
  /** Who makes the disk larger, in the mode `expansion`. */
  readonly driver: DriverName
  readonly thresholdPercent: number
  readonly stepPercent: number
  readonly cooldownMs: number
  readonly retentionFloorMs: number
  readonly capacityCeilingBytes: number | null
  readonly capacityGranularityBytes: number
  readonly effectiveRetentionPercent: number
  /** Steps are taken within it; null for at any time. */
  readonly planWindow: PlanWindow | null
}

const DAY_MINUTES = 24 * 60
const MINUTE_MS = 60_000

/** How long from `nowMs` until the window is open; 0 while it is. One that begins when it ends is always open. */
export function untilOpenMs(window: PlanWindow | null, nowMs: number): number {
  if (window === null) return 0
  const from = minuteOfDay(window.from)
  const lengthMinutes = (minuteOfDay(window.to) - from + DAY_MINUTES) % DAY_MINUTES
  if (lengthMinutes === 0) return 0
  const dayMs = DAY_MINUTES * MINUTE_MS
  const sinceOpenedMs = (nowMs - from * MINUTE_MS + dayMs) % dayMs
  return sinceOpenedMs < lengthMinutes * MINUTE_MS ? 0 : dayMs - sinceOpenedMs
}

function minuteOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number)
  return hours * 60 + minutes
}

/** How long a topic that asks for `retentionMs` has its records at present, as the broker computes it. */
export function effectiveRetentionMs(
  retentionMs: number,
  { effectiveRetentionPercent, retentionFloorMs }: DiskPolicy,
): number {
  if (effectiveRetentionPercent >= 100) return retentionMs
  const shortened = Math.floor((retentionMs * effectiveRetentionPercent) / 100)
  return Math.max(shortened, Math.min(retentionMs, retentionFloorMs))
}
