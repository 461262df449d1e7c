/** What is done when the disk fills: nothing, records are kept for a shorter time, or the volume grows. */
export const DISK_POLICY_MODES = {
  off: 'off',
  retention: 'retention',
  expansion: 'expansion',
} as const
export type DiskPolicyMode = keyof typeof DISK_POLICY_MODES

/** How a volume grows. What each of them needs to know is of the monitor's configuration, never of a request. */
export const DISK_POLICY_DRIVERS = {
  capacity: 'capacity',
  lvm: 'lvm',
  kubernetes: 'kubernetes',
  webhook: 'webhook',
} as const
export type DiskPolicyDriver = keyof typeof DISK_POLICY_DRIVERS

/**
 * What shall happen to a disk that fills, and what has happened so far. The mode and its numbers are
 * for the monitor, which looks at the disk and acts by this. The broker itself obeys
 * `effectiveRetentionPercent`, whoever set it.
 */
export interface DiskPolicy {
  /** At most one of both: shorter retention takes away what an expansion would have kept. */
  readonly mode: DiskPolicyMode
  /** Of the mode `expansion`. */
  readonly driver: DiskPolicyDriver
  /**
   * Times of day (UTC, `HH:MM`) between which steps are taken, over midnight where `to` comes first;
   * null for at any time.
   */
  readonly planWindow: { readonly from: string; readonly to: string } | null
  /** How full the disk is when a step is taken. */
  readonly thresholdPercent: number
  /** How much one step takes of the retention, or adds to the capacity. */
  readonly stepPercent: number
  /** Time between two steps, so that one has its effect before the next. */
  readonly cooldownMs: number
  /** No step makes a retention shorter than this; a topic that asks for less has that. */
  readonly retentionFloorMs: number
  /** Bytes beyond which no step expands; null for what the file system has. */
  readonly capacityCeilingBytes: number | null
  /** Capacity grows by whole multiples of this. */
  readonly capacityGranularityBytes: number
  /** How much of their `retention.ms` topics keep at present: 100 is all of it. */
  readonly effectiveRetentionPercent: number
}

const GIB = 1024 ** 3

/** Until somebody sets one. */
export const DEFAULT_DISK_POLICY: DiskPolicy = {
  mode: 'off',
  driver: 'capacity',
  planWindow: null,
  thresholdPercent: 75,
  stepPercent: 10,
  cooldownMs: 600_000,
  retentionFloorMs: 3_600_000,
  capacityCeilingBytes: null,
  capacityGranularityBytes: GIB,
  effectiveRetentionPercent: 100,
}

/** The bounds of each number, for both the decision and the schema of the HTTP door. */
export const DISK_POLICY_BOUNDS = {
  thresholdPercent: { minimum: 10, maximum: 95 },
  stepPercent: { minimum: 1, maximum: 50 },
  cooldownMs: { minimum: 10_000, maximum: 7 * 24 * 3_600_000 },
  retentionFloorMs: { minimum: 60_000, maximum: 30 * 24 * 3_600_000 },
  capacityGranularityBytes: { minimum: 1024 ** 2, maximum: 1024 * GIB },
  effectiveRetentionPercent: { minimum: 1, maximum: 100 },
} as const

/** A time of day. */
export const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/

/**
 * How long a topic that asks for `retentionMs` keeps its records at present. For ever stays for
 * ever: who says so means it.
 */
export function effectiveRetentionMs(
  retentionMs: number,
  { effectiveRetentionPercent, retentionFloorMs }: DiskPolicy,
): number {
  if (retentionMs < 0 || effectiveRetentionPercent >= 100) return retentionMs
  const shortened = Math.floor((retentionMs * effectiveRetentionPercent) / 100)
  return Math.max(shortened, Math.min(retentionMs, retentionFloorMs))
}
