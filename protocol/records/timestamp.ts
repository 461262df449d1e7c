/** What a record without a time has. */
export const NO_TIMESTAMP = -1

/**
 * The latest time that is accepted, some 142,000 years from now, in milliseconds. Half of what a
 * number holds exactly, so that the difference of any two times is exact as well.
 */
export const MAX_TIMESTAMP_MS = 2 ** 52

/** Whether a producer may give this time. An int64 that no number holds exactly is no time either. */
export function isTimestamp(timestampMs: number): boolean {
  return timestampMs >= NO_TIMESTAMP && timestampMs <= MAX_TIMESTAMP_MS
}

/** What can be stored and read back: deltas may have led to times before 1970, which do no harm. */
export function isStorableTimestamp(timestampMs: number): boolean {
  return Number.isSafeInteger(timestampMs) && Math.abs(timestampMs) <= MAX_TIMESTAMP_MS
}
