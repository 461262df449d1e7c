import type { Cancel, Clock, Timers } from '../../../kit/index.ts'
import { networkOf } from '../../../kit/index.ts'
import type { Observation, ObservationGroup } from './observation.ts'

/** Kinds that one window keeps apart; what comes beyond is put together by operation. */
export const MAX_KINDS = 100
export const WINDOW_MS = 60_000

interface Counted {
  readonly first: Observation
  readonly firstAtMs: number
  lastAtMs: number
  count: number
  kinds: number
}

/**
 * Counts observations by operation, principal, network and outcome, and gives one group of each kind
 * when a minute is over, so that nobody can fill the history by trying again and again.
 */
export class ObservationAggregator {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #flush: (groups: readonly ObservationGroup[]) => void
  readonly #groups = new Map<string, Counted>()
  #cancel: Cancel | undefined

  constructor(clock: Clock, timers: Timers, flush: (groups: readonly ObservationGroup[]) => void) {
    this.#clock = clock
    this.#timers = timers
    this.#flush = flush
  }

  add(observation: Observation): void {
    const { operation, actor, outcome } = observation
    const atMs = this.#clock.now()
    const network = networkOf(actor.source.ip)
    const key = JSON.stringify([operation, actor.principal, network, outcome.code])
    const isNew = !this.#groups.has(key)
    if (isNew && this.#groups.size >= MAX_KINDS) {
      const shared = this.#count(JSON.stringify([operation]), observation, atMs)
      shared.kinds++
      return
    }
    this.#count(key, observation, atMs)
  }

  /** Gives what there is, whether the minute is over or not. */
  flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#groups.size === 0) return
    const groups = [...this.#groups.values()]
    this.#groups.clear()
    this.#flush(groups)
  }

  #count(key: string, observation: Observation, atMs: number): Counted {
    let counted = this.#groups.get(key)
    if (!counted) {
      const shared = key === JSON.stringify([observation.operation])
      const first = shared ? anybodys(observation) : observation
      counted = { first, firstAtMs: atMs, lastAtMs: atMs, count: 0, kinds: shared ? 0 : 1 }
      this.#groups.set(key, counted)
      this.#cancel ??= this.#timers.after(WINDOW_MS, () => this.flush())
    }
    counted.count++
    counted.lastAtMs = atMs
    return counted
  }
}

/** Stands for many who are not told apart. */
function anybodys(observation: Observation): Observation {
  const { actor, resource } = observation
  return {
    ...observation,
    actor: { ...actor, principal: 'User:(several)', source: { ip: '', listener: '' } },
    resource: { kind: resource.kind, name: '(several)', id: null },
  }
}
