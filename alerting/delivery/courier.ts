import type { Clock, Random } from '../../kit/index.ts'
import { backOffMs } from './back-off.ts'
import type { Notification } from './notification.ts'
import type { Notifier, Outcome } from './notifier.ts'

/** A notification that is ready to go. */
export interface Parcel {
  readonly notification: Notification
  readonly notifier: Notifier
}

export interface AttemptInfo {
  /** This one, from 1. */
  readonly number: number
  /** More became due while it was on its way. */
  readonly isDueAgain: boolean
}

/** What the courier asks of the one who has the news. */
export interface Sender {
  /** What is to be said through a channel now; null when there is nothing to say any more. */
  prepare(channel: string): Parcel | null
  /** True when nobody shall try any longer. */
  report(channel: string, parcel: Parcel, outcome: Outcome, attempt: AttemptInfo): boolean
}

interface Waiting {
  /** Integrations are held up as a whole: they share the server that does not answer. */
  readonly integration: string
  attempts: number
  notBeforeMs: number
  /** More became due while it was on its way. */
  isDueAgain: boolean
}

interface Health {
  failures: number
  notBeforeMs: number
  inFlight: number
}

const MAX_IN_FLIGHT = 32
const MAX_IN_FLIGHT_PER_INTEGRATION = 4

/**
 * Brings notifications to where they go, again and again until they are there. An integration whose
 * server does not answer is tried with one notification at a time, another one each time, so that one
 * that is never accepted holds up no other; one that was refused waits by itself.
 */
export class Courier {
  readonly #sender: Sender
  readonly #clock: Clock
  readonly #random: Random
  readonly #waiting = new Map<string, Waiting>()
  readonly #underway = new Set<string>()
  readonly #health = new Map<string, Health>()
  #isStopped = false
  #attempts: Set<Promise<void>> = new Set()

  constructor(sender: Sender, clock: Clock, random: Random) {
    this.#sender = sender
    this.#clock = clock
    this.#random = random
  }

  /** Channels that wait for delivery. */
  get waitingCount(): number {
    return this.#waiting.size
  }

  /** Something is to be told through a channel; one that waits already waits on. */
  enqueue(channel: string, integration: string): void {
    const known = this.#waiting.get(channel)
    if (known) known.isDueAgain = this.#underway.has(channel)
    else this.#waiting.set(channel, { integration, attempts: 0, notBeforeMs: 0, isDueAgain: false })
  }

  /** Forgets channels that the configuration has no more, and what it knows of servers. */
  reset(): void {
    this.#waiting.clear()
    this.#health.clear()
  }

  /** Starts every attempt whose time has come. */
  pump(): void {
    if (this.#isStopped) return
    const nowMs = this.#clock.monotonicMs()
    for (const [channel, waiting] of this.#waiting) {
      if (this.#underway.size >= MAX_IN_FLIGHT) return
      const isFree = !this.#underway.has(channel) && waiting.notBeforeMs <= nowMs
      if (isFree && this.#mayStart(waiting.integration, nowMs)) this.#start(channel, waiting)
    }
  }

  /** Starts nothing more, and waits for what is on its way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#attempts)
  }

  #mayStart(integration: string, nowMs: number): boolean {
    const health = this.#healthOf(integration)
    const limit = health.failures > 0 ? 1 : MAX_IN_FLIGHT_PER_INTEGRATION
    return health.notBeforeMs <= nowMs && health.inFlight < limit
  }

  #start(channel: string, waiting: Waiting): void {
    const parcel = this.#sender.prepare(channel)
    if (parcel === null) {
      this.#waiting.delete(channel)
      return
    }
    const health = this.#healthOf(waiting.integration)
    health.inFlight++
    waiting.attempts++
    waiting.isDueAgain = false
    this.#underway.add(channel)
    const attempt = parcel.notifier
      .send(parcel.notification)
      .catch((error: unknown) => brokenNotifier(error))
      .then((outcome) => {
        health.inFlight--
        this.#underway.delete(channel)
        this.#settle(channel, waiting, health, parcel, outcome)
      })
      .finally(() => this.#attempts.delete(attempt))
    this.#attempts.add(attempt)
  }

  #settle(
    channel: string,
    waiting: Waiting,
    health: Health,
    parcel: Parcel,
    outcome: Outcome,
  ): void {
    const isOver = this.#sender.report(channel, parcel, outcome, {
      number: waiting.attempts,
      isDueAgain: waiting.isDueAgain,
    })
    if (this.#waiting.get(channel) === waiting) {
      this.#waiting.delete(channel)
      if (outcome.kind === 'delivered' && waiting.isDueAgain)
        this.#waiting.set(channel, { ...waiting, attempts: 0, isDueAgain: false })
      else if (!isOver) this.#waiting.set(channel, this.#postpone(waiting, outcome))
    }
    this.#learn(health, outcome)
    this.pump()
  }

  /** At the end of the queue, so that another one is tried next. */
  #postpone(waiting: Waiting, outcome: Outcome): Waiting {
    const isRefused = outcome.kind === 'failed' && outcome.isRefused
    const delayMs = isRefused ? backOffMs(waiting.attempts + 3, null, this.#random) : 0
    return { ...waiting, isDueAgain: false, notBeforeMs: this.#clock.monotonicMs() + delayMs }
  }

  #learn(health: Health, outcome: Outcome): void {
    if (outcome.kind === 'delivered' || outcome.isRefused) {
      health.failures = 0
      health.notBeforeMs = 0
      return
    }
    health.failures++
    health.notBeforeMs =
      this.#clock.monotonicMs() + backOffMs(health.failures, outcome.retryAfterMs, this.#random)
  }

  #healthOf(integration: string): Health {
    const known = this.#health.get(integration)
    if (known) return known
    const health: Health = { failures: 0, notBeforeMs: 0, inFlight: 0 }
    this.#health.set(integration, health)
    return health
  }
}

/** A notifier must not reject; one that does shall not take the others down with it. */
function brokenNotifier(error: unknown): Outcome {
  const answer = error instanceof Error ? error.name : 'unknown error'
  return { kind: 'failed', answer, isRefused: true, retryAfterMs: null }
}
