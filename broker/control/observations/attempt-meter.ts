import type { Clock } from '../../../kit/index.ts'
import type { Observation } from './observation.ts'

/** The principal of everybody who did not log in. */
export const ANONYMOUS = 'User:ANONYMOUS'

/** Refused attempts of unknown people that get a record of their own, in all and by address. */
const MAX_PER_MINUTE = 100
const MAX_PER_ADDRESS = 20
const WINDOW_MS = 60_000

/**
 * Decides whether a refused attempt gets a record of its own. Everybody's who is logged in does;
 * those of unknown people do up to a rate, and are counted together beyond it: otherwise anybody who
 * can connect could let the history grow without bound.
 */
export class AttemptMeter {
  readonly #clock: Clock
  readonly #aggregate: (observation: Observation) => void
  readonly #byAddress = new Map<string, number>()
  #windowStartMs = 0
  #count = 0

  constructor(clock: Clock, aggregate: (observation: Observation) => void) {
    this.#clock = clock
    this.#aggregate = aggregate
  }

  /** False when it was counted together with others. */
  admit(observation: Observation): boolean {
    const { principal, source } = observation.actor
    if (principal !== ANONYMOUS) return true
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#windowStartMs >= WINDOW_MS) {
      this.#windowStartMs = nowMs
      this.#byAddress.clear()
      this.#count = 0
    }
    const ofAddress = this.#byAddress.get(source.ip) ?? 0
    if (this.#count >= MAX_PER_MINUTE || ofAddress >= MAX_PER_ADDRESS) {
      this.#aggregate(observation)
      return false
    }
    this.#count++
    this.#byAddress.set(source.ip, ofAddress + 1)
    return true
  }
}
