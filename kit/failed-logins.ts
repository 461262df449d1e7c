import type { Clock } from './clock.ts'
import { networkOf } from './ip-address.ts'

/** Failures from one network within a minute, beyond which its attempts are not looked at. */
const MAX_FAILURES = 30
const WINDOW_MS = 60_000

/** Networks that are remembered; beyond, the one that failed longest ago is forgotten. */
const MAX_NETWORKS = 10_000

interface Window {
  readonly beganMs: number
  failures: number
}

/**
 * Counts wrong credentials by IPv4 address or /64 network of IPv6, so that guessing is slow however
 * many connections do it, and from however many addresses that one machine gives itself.
 */
export class FailedLogins {
  readonly #clock: Clock
  /** In the order in which the windows began. */
  readonly #windows = new Map<string, Window>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isBlocked(address: string): boolean {
    return (this.#current(address)?.failures ?? 0) >= MAX_FAILURES
  }

  note(address: string): void {
    const window = this.#current(address)
    if (window) {
      window.failures++
      return
    }
    const network = networkOf(address)
    this.#windows.delete(network)
    this.#windows.set(network, { beganMs: this.#clock.monotonicMs(), failures: 1 })
    const [oldest] = this.#windows.keys()
    if (this.#windows.size > MAX_NETWORKS && oldest !== undefined) this.#windows.delete(oldest)
  }

  /** An attempt that was noted before it was looked at has turned out to be good. */
  takeBack(address: string): void {
    const window = this.#current(address)
    if (window && window.failures > 0) window.failures--
  }

  #current(address: string): Window | undefined {
    const window = this.#windows.get(networkOf(address))
    if (!window || this.#clock.monotonicMs() - window.beganMs >= WINDOW_MS) return undefined
    return window
  }
}
