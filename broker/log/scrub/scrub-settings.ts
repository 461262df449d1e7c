/** How segments are read again in the background. */
export interface ScrubSettings {
  /** Bytes a second, at most; 0 for not at all. */
  readonly bytesPerSecond: number
  /** From the beginning of one round over all segments to that of the next one, at least. */
  readonly intervalMs: number
}

export const DEFAULT_SCRUB_SETTINGS: ScrubSettings = {
  bytesPerSecond: 4 * 1024 * 1024,
  intervalMs: 7 * 86_400_000,
}
