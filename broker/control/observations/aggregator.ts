import type { Cancel, Clock, Timers } from '../../../kit/index.ts'
import { networkOf } from '../../../kit/index.ts'
import type { Observation, ObservationGroup } from './observation.ts'

/** Kinds that one window keeps apart; what comes beyond is put together by operation. */
export const MAX_KINDS = 100
/** And of one principal: nobody who tries everything hides what others do. */
export const MAX_KINDS_OF_PRINCIPAL = 40
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
  /** Those of the groups that are of one kind, by principal. */
  readonly #kindsOf = new Map<string, number>()
  #kinds = 0
  #cancel: Cancel | undefined

  constructor(clock: Clock, timers: Timers, flush: (groups: readonly ObservationGroup[]) => void) {
    this.#clock = clock
    this.#timers = timers
    this.#flush = flush
  }

  add(observation: Observation): void {
    const { operation, actor, outcome } = observation
    const { principal, source } = actor
    const key = JSON.stringify([operation, principal, networkOf(source.ip), outcome.code])
    const kinds = this.#kindsOf.get(principal) ?? 0
    if (this.#groups.has(key)) {
      this.#count(key, observation)
    } else if (kinds >= MAX_KINDS_OF_PRINCIPAL) {
      this.#count(JSON.stringify([operation, principal]), anything(observation)).kinds++
    } else if (this.#kinds >= MAX_KINDS) {
      this.#count(JSON.stringify([operation]), anybodys(observation)).kinds++
    } else {
      this.#kindsOf.set(principal, kinds + 1)
      this.#kinds++
      this.#count(key, observation).kinds++
    }
  }

  /** Gives what there is, whether the minute is over or not. */
  flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#groups.size === 0) return
    const groups = [...this.#groups.values()]
    this.#groups.clear()
    this.#kindsOf.clear()
    this.#kinds = 0
    this.#flush(groups)
  }

  /** `first` stands for all of them. */
  #count(key: string, first: Observation): Counted {
    const atMs = this.#clock.now()
    let counted = this.#groups.get(key)
    if (!counted) {
      counted = { first, firstAtMs: atMs, lastAtMs: atMs, count: 0, kinds: 0 }
      this.#groups.set(key, counted)
      this.#cancel ??= this.#timers.after(WINDOW_MS, () => this.flush())
    }
    counted.count++
    counted.lastAtMs = atMs
    return counted
  }
}

/** Stands for many of one principal that are not told apart. */
function anything(observation: Observation): Observation {
  const { actor, resource } = observation
  return {
    ...observation,
    actor: { ...actor, source: { ip: '', listener: '' } },
    resource: { kind: resource.kind, name: '(several)', id: null },
  }
}

/** Stands for many who are not told apart. */
function anybodys(observation: Observation): Observation {
  const several = anything(observation)
  return { ...several, actor: { ...several.actor, principal: 'User:(several)' } }
}
