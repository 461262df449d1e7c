import type { Cancel, Clock, Timers, Uuid } from '../../../kit/index.ts'
import type { TopicTraffic, Traffic } from '../../handlers/index.ts'

/** The counters that have a rate. */
export const RATE_NAMES = [
  'bytesIn',
  'bytesOut',
  'messagesIn',
  'produceRequests',
  'fetchRequests',
] as const
export type RateName = (typeof RATE_NAMES)[number]

/** What goes through a topic, each second, averaged over the last minute or so. */
export type Rates = Readonly<Record<RateName, number>>

/** Counters are read this often, so that a topic's first traffic shows at once. */
const TICK_MS = 1_000

/** Time constant of the average: what is older counts for less than a third. */
const AVERAGED_OVER_MS = 60_000

const NONE: Rates = {
  bytesIn: 0,
  bytesOut: 0,
  messagesIn: 0,
  produceRequests: 0,
  fetchRequests: 0,
}

interface Measured {
  readonly counts: Record<RateName, number>
  readonly rates: Record<RateName, number>
  /** The tick that saw the topic last. */
  tick: number
}

/**
 * Rates of all topics from the plain counters that handlers bump: an exponentially weighted moving
 * average, as in the load average of Unix. Costs one pass over the topics with traffic each tick,
 * and nothing on the way of a record.
 */
export class TopicRates {
  readonly #traffic: Traffic
  readonly #clock: Clock
  readonly #measured = new Map<Uuid, Measured>()
  readonly #cancel: Cancel
  #measuredAtMs: number
  #tick = 0

  constructor(options: {
    readonly traffic: Traffic
    readonly clock: Clock
    readonly timers: Timers
  }) {
    this.#traffic = options.traffic
    this.#clock = options.clock
    this.#measuredAtMs = options.clock.monotonicMs()
    this.#cancel = options.timers.every(TICK_MS, () => this.#measure())
  }

  of(topicId: Uuid): Rates {
    return this.#measured.get(topicId)?.rates ?? NONE
  }

  stop(): void {
    this.#cancel()
  }

  #measure(): void {
    const nowMs = this.#clock.monotonicMs()
    const elapsedMs = nowMs - this.#measuredAtMs
    if (elapsedMs <= 0) return
    this.#measuredAtMs = nowMs
    this.#tick++
    const weight = 1 - Math.exp(-elapsedMs / AVERAGED_OVER_MS)
    for (const traffic of this.#traffic.all()) this.#update(traffic, elapsedMs / 1_000, weight)
    for (const [topicId, { tick }] of this.#measured) {
      if (tick !== this.#tick) this.#measured.delete(topicId)
    }
  }

  #update(traffic: TopicTraffic, elapsedSeconds: number, weight: number): void {
    const known = this.#measured.get(traffic.topicId)
    const measured = known ?? { counts: { ...NONE }, rates: { ...NONE }, tick: 0 }
    if (!known) this.#measured.set(traffic.topicId, measured)
    const { counts, rates } = measured
    for (const name of RATE_NAMES) {
      const current = (traffic[name] - counts[name]) / elapsedSeconds
      // A topic's first rate is what was seen: there is no past to average with.
      rates[name] += known ? weight * (current - rates[name]) : current
      counts[name] = traffic[name]
    }
    measured.tick = this.#tick
  }
}
