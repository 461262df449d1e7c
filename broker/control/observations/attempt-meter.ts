import type { Clock } from '../../../kit/index.ts'
import { networkOf } from '../../../kit/index.ts'
import { isByPermission } from '../authorize-command.ts'
import type { Observation } from './observation.ts'

/** The principal of everybody who did not log in. */
export const ANONYMOUS = 'User:ANONYMOUS'

/** Refused attempts in a minute that get a record of their own, by somebody and from one network. */
const MAX_FROM_NETWORK = 20
/** The same from all networks together: nobody's flood costs somebody else the record. */
const MAX_OF_PRINCIPAL = 100
/** And of all who are logged in together. Who floods under many names has been given many. */
const MAX_OF_ALL = 1000
const WINDOW_MS = 60_000

/**
 * Decides whether a refused attempt gets a record of its own. That of somebody who had the permission
 * always does. Others get theirs up to a rate and are counted together beyond it: otherwise anybody
 * who can connect, and anybody who may nothing, could let the history grow without bound.
 */
export class AttemptMeter {
  readonly #clock: Clock
  readonly #aggregate: (observation: Observation) => void
  /** By principal; and by principal and network. There are never more than attempts were admitted. */
  readonly #admitted = new Map<string, number>()
  #windowStartMs = 0
  #ofAll = 0

  constructor(clock: Clock, aggregate: (observation: Observation) => void) {
    this.#clock = clock
    this.#aggregate = aggregate
  }

  /** False when it was counted together with others. */
  admit(observation: Observation): boolean {
    const { actor, decision } = observation
    const isUnknown = actor.principal === ANONYMOUS
    if (!isUnknown && isByPermission(decision)) return true
    this.#turnWindow()
    const { principal } = actor
    const place = JSON.stringify([principal, networkOf(actor.source.ip)])
    const isOver =
      this.#count(place) >= MAX_FROM_NETWORK ||
      this.#count(principal) >= MAX_OF_PRINCIPAL ||
      (!isUnknown && this.#ofAll >= MAX_OF_ALL)
    if (isOver) {
      this.#aggregate(observation)
      return false
    }
    this.#admitted.set(place, this.#count(place) + 1)
    this.#admitted.set(principal, this.#count(principal) + 1)
    if (!isUnknown) this.#ofAll++
    return true
  }

  #count(key: string): number {
    return this.#admitted.get(key) ?? 0
  }

  #turnWindow(): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#windowStartMs < WINDOW_MS) return
    this.#windowStartMs = nowMs
    this.#admitted.clear()
    this.#ofAll = 0
  }
}
