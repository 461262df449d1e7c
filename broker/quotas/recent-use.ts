/** What is shown is of the last one to two windows: as long, in all, as the samples of Kafka's quotas (`quota.window.num`). */
const WINDOW_MS = 5_000

/**
 * What was taken of a limit lately, and for how long that held somebody. Two windows of plain
 * numbers: nothing ticks, and whoever adds pays no more than an addition.
 */
export class RecentUse {
  /** When something was taken last, in milliseconds of a clock that never goes back; -Infinity when never. */
  lastMs = -Infinity
  #windowBeganMs: number
  #taken = 0
  #takenBefore = 0
  #holds = 0
  #holdsBefore = 0
  #holdMs = 0
  #holdMsBefore = 0

  constructor(nowMs: number) {
    this.#windowBeganMs = nowMs
  }

  add(count: number, nowMs: number): void {
    this.#roll(nowMs)
    this.lastMs = nowMs
    this.#taken += count
  }

  addHold(waitMs: number, nowMs: number): void {
    this.#roll(nowMs)
    this.#holds++
    this.#holdMs += waitMs
  }

  /** How much was taken in a second. */
  perSecond(nowMs: number): number {
    this.#roll(nowMs)
    const spanMs = WINDOW_MS + nowMs - this.#windowBeganMs
    return ((this.#takenBefore + this.#taken) * 1000) / spanMs
  }

  /** How often it held somebody. */
  holds(nowMs: number): number {
    this.#roll(nowMs)
    return this.#holdsBefore + this.#holds
  }

  /** For how long, in all. */
  heldMs(nowMs: number): number {
    this.#roll(nowMs)
    return this.#holdMsBefore + this.#holdMs
  }

  #roll(nowMs: number): void {
    const elapsedMs = nowMs - this.#windowBeganMs
    if (elapsedMs < WINDOW_MS) return
    const isNext = elapsedMs < 2 * WINDOW_MS
    this.#windowBeganMs = isNext ? this.#windowBeganMs + WINDOW_MS : nowMs
    this.#takenBefore = isNext ? this.#taken : 0
    this.#holdsBefore = isNext ? this.#holds : 0
    this.#holdMsBefore = isNext ? this.#holdMs : 0
    this.#taken = 0
    this.#holds = 0
    this.#holdMs = 0
  }
}
