import { BucketCounts } from '../../kit/index.ts'
import type { GroupCounters } from './port.ts'

/** Upper bounds in milliseconds of the histogram of a group's tail latency. */
export const TAIL_BUCKETS_MS: readonly number[] = [
  5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000,
]

/** What one group did since the start, for telemetry. Plain numbers that only grow. */
export class GroupActivity {
  rebalances = 0
  /** Offsets committed by its consumers, one for each partition. */
  offsetCommits = 0
  /** Wall-clock time of the newest of them; 0 while there is none. */
  lastCommitMs = 0
  #tail: BucketCounts | undefined

  /**
   * From the append of the last record that a commit covers to the commit, of commits that went
   * forward. Undefined before the first.
   */
  get tail(): BucketCounts | undefined {
    return this.#tail
  }

  count(counter: keyof GroupCounters, by: number, nowMs: number): void {
    if (counter === 'rebalances') this.rebalances += by
    if (counter !== 'offsetCommits') return
    this.offsetCommits += by
    this.lastCommitMs = nowMs
  }

  noteTail(latencyMs: number): void {
    this.#tail ??= new BucketCounts(TAIL_BUCKETS_MS)
    this.#tail.note(latencyMs)
  }
}
