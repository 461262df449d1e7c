/** How compaction works; every value may change while it runs. Kafka's names are `log.cleaner.*`. */
export interface CleanerSettings {
  readonly enabled: boolean
  /** Bytes read and written per second, both counted; Infinity does not slow it down. */
  readonly maxBytesPerSecond: number
  /** Pause after a round in which nothing was left to clean. */
  readonly backoffMs: number
  /** Memory for the map of keys of one cleaning. A log with more keys takes several passes. */
  readonly mapBytes: number
  /** How full that map may get, above 0 and at most 1. */
  readonly mapLoadFactor: number
  /** Memory for reading, and as much for writing. A batch that is larger gets memory of its own. */
  readonly bufferBytes: number
}

export const DEFAULT_CLEANER_SETTINGS: CleanerSettings = {
  enabled: true,
  maxBytesPerSecond: Infinity,
  backoffMs: 15_000,
  mapBytes: 128 * 1024 * 1024,
  mapLoadFactor: 0.9,
  bufferBytes: 512 * 1024,
}
