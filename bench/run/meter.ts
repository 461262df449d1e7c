import { Histogram } from '../measure/histogram.ts'

/** What a load counts while it is measured, and whether it is: before is warm-up, after is draining. */
export class Meter {
  readonly latencyMicros = new Histogram()
  #phase: 'warming up' | 'measuring' | 'over' = 'warming up'
  #openedMs = Number.POSITIVE_INFINITY
  #closedMs = Number.POSITIVE_INFINITY
  #written = 0
  #read = 0

  open(nowMs: number): void {
    this.#phase = 'measuring'
    this.#openedMs = nowMs
  }

  close(nowMs: number): void {
    this.#phase = 'over'
    this.#closedMs = nowMs
  }

  get isOver(): boolean {
    return this.#phase === 'over'
  }

  get seconds(): number {
    return (this.#closedMs - this.#openedMs) / 1000
  }

  /** Records acknowledged, and records read, while it was measured. */
  get written(): number {
    return this.#written
  }

  get read(): number {
    return this.#read
  }

  /** Whether a moment lies in the measured time, for what is known only later. */
  covers(atMs: number): boolean {
    return atMs >= this.#openedMs && atMs < this.#closedMs
  }

  countWritten(records: number, latencyMs: number): void {
    if (this.#phase !== 'measuring') return
    this.#written += records
    this.latencyMicros.record(latencyMs * 1000)
  }

  countRead(records: number): void {
    if (this.#phase === 'measuring') this.#read += records
  }
}
