import { FSYNC_BUCKETS_MS } from './journal/device.ts'

/** How long syncs took. Plain numbers that only grow. */
export class SyncCounts {
  count = 0
  sumMs = 0
  /** Not cumulative; one more than `FSYNC_BUCKETS_MS`. */
  readonly buckets: number[] = new Array<number>(FSYNC_BUCKETS_MS.length + 1).fill(0)

  note(tookMs: number): void {
    this.count++
    this.sumMs += tookMs
    const bound = FSYNC_BUCKETS_MS.findIndex((upperMs) => tookMs <= upperMs)
    const bucket = bound < 0 ? FSYNC_BUCKETS_MS.length : bound
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1
  }
}
