import type { Memory } from '../memory/memory.ts'

/**
 * What writes the journal. Writes are queued in order and become written, then durable, in that
 * order; both are counts of `write` calls since the device was made.
 *
 * A device syncs a file before it writes the first byte of another one, so that whatever a journal
 * file holds proves that all earlier files are durable. After a failure it does nothing more: the
 * journal makes a new device and starts on a new file, because what a kernel did with the pages of
 * a failed fdatasync is unknown.
 */
export interface JournalDevice {
  /** Makes memory known before the first write from it. */
  addMemory(memory: Memory): void
  /** Called when no write from it is outstanding. */
  removeMemory(memory: Memory): void
  /** Names the file that `slot` stands for in `write`. */
  setFile(slot: number, path: string): void
  write(memory: Memory, start: number, lengthBytes: number, slot: number, position: number): void
  /** Asks for `onProgress` also when all that was queued so far is merely written. */
  wantWritten(): void
  readonly writtenCount: number
  readonly durableCount: number
  readonly stats: JournalDeviceStats
  /** Stops after the write in progress. What was not durable then stays unknown. */
  close(): Promise<void>
}

/** Upper bounds in milliseconds of the fsync latency histogram; one more bucket holds the rest. */
export const FSYNC_BUCKETS_MS: readonly number[] = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500,
]

/** Plain numbers that only grow. */
export interface JournalDeviceStats {
  readonly fsyncCount: number
  readonly fsyncSumMs: number
  /** Not cumulative; one more than `FSYNC_BUCKETS_MS`. */
  readonly fsyncBuckets: ArrayLike<number>
  readonly writeCount: number
  readonly writtenBytes: number
}

export interface JournalDeviceEvents {
  /** Counts moved. Calls are coalesced. */
  onProgress(): void
  /** A write or fdatasync failed; called once, and nothing moves any more. */
  onFailure(error: Error): void
}

export type JournalDeviceFactory = (events: JournalDeviceEvents) => JournalDevice
