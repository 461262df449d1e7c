/**
 * When each request of a steady stream was meant to leave. Latency counts from that time and not
 * from the time it really left: a sender that was held up by a slow answer must not hide the wait
 * of everything that queued behind it (coordinated omission).
 */
export class Pacer {
  readonly #startMs: number
  readonly #intervalMs: number
  #taken = 0

  constructor(options: { readonly startMs: number; readonly intervalMs: number }) {
    this.#startMs = options.startMs
    this.#intervalMs = options.intervalMs
  }

  /** Requests taken so far; also the number of the next one. */
  get taken(): number {
    return this.#taken
  }

  /** The intended time of a request by its number, counted from 0. */
  intendedMs(request: number): number {
    return this.#startMs + request * this.#intervalMs
  }

  /** How many requests should have left by now but were not taken. Never skips one that is late. */
  due(nowMs: number): number {
    if (nowMs < this.#startMs) return 0
    return Math.max(Math.floor((nowMs - this.#startMs) / this.#intervalMs) + 1 - this.#taken, 0)
  }

  /** Takes the next request and answers its intended time. */
  take(): number {
    return this.intendedMs(this.#taken++)
  }
}
