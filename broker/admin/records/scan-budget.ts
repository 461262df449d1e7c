import type { Clock } from '../../../kit/index.ts'

/** What one page may cost: a rare match must not occupy the process. */
const MAX_RECORDS = 100_000
const MAX_BYTES = 32 * 1024 * 1024
const MAX_MS = 1_000

/** Counts what a page has looked at. */
export class ScanBudget {
  readonly #clock: Clock
  readonly #beganMs: number
  records = 0
  bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#beganMs = clock.monotonicMs()
  }

  get isSpent(): boolean {
    return (
      this.records >= MAX_RECORDS ||
      this.bytes >= MAX_BYTES ||
      this.#clock.monotonicMs() - this.#beganMs >= MAX_MS
    )
  }
}
