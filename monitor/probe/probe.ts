import type { Cancel, Clock, Logger, Random, Timers } from '../../kit/index.ts'
import { randomUuid } from '../../kit/index.ts'
import type { KafkaLink } from './kafka-link.ts'
import type { ProbeFailure } from './probe-stats.ts'
import { ProbeStats } from './probe-stats.ts'

export interface ProbeOptions {
  readonly intervalMs: number
  /** A record that is not acknowledged, or not back, within this time has failed, or is lost. */
  readonly timeoutMs: number
}

export interface ProbeParts {
  /** Connects to the topic, which it makes when it is not there. */
  readonly open: (onRecord: (text: string) => void) => Promise<KafkaLink>
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/** Records that are waited for; a broker that answers nothing must not let them pile up. */
const MAX_IN_FLIGHT = 100

/** Why a record did not come through. */
interface Failure {
  readonly reason: ProbeFailure
  readonly error: unknown
}

/** Nothing came within the probe's time. */
class ProbeTimeout extends Error {
  override readonly name: string = 'ProbeTimeout'
}

interface InFlight {
  readonly sentAtMs: number
  readonly arrived: () => void
}

/** Sends a record through the broker again and again, as an application would, and measures how it fares. */
export class Probe {
  readonly stats = new ProbeStats()
  readonly #options: ProbeOptions
  readonly #parts: ProbeParts
  /** Tells records of this run from those of one before. */
  readonly #run: string
  readonly #inFlight = new Map<string, InFlight>()
  #link: KafkaLink | null = null
  #opening: Promise<KafkaLink> | null = null
  readonly #closing = new Set<Promise<void>>()
  #sent = 0
  #isStopped = false
  /** Null before the first record; what was told last. */
  #told: ProbeFailure | 'up' | null = null

  constructor(options: ProbeOptions, parts: ProbeParts) {
    this.#options = options
    this.#parts = parts
    this.#run = randomUuid(parts.random)
  }

  start(): Cancel {
    return this.#parts.timers.every(this.#options.intervalMs, () => void this.round())
  }

  /** Sends one record and waits until it is back. Never rejects: what fails is counted. */
  async round(): Promise<void> {
    if (this.#isStopped || this.#inFlight.size >= MAX_IN_FLIGHT) return
    const { clock } = this.#parts
    const id = `${this.#run} ${this.#sent++}`
    this.stats.produced++
    const arrival = Promise.withResolvers<void>()
    const sentAtMs = clock.monotonicMs()
    this.#inFlight.set(id, { sentAtMs, arrived: arrival.resolve })
    const failure = await this.#attempt(id, arrival.promise)
    this.#inFlight.delete(id)
    this.stats.isUp = failure === null
    if (failure !== null) this.stats.failures.add({ reason: failure.reason })
    if (!this.#isStopped) this.#tell(failure)
  }

  /** One line for each change. */
  #tell(failure: Failure | null): void {
    const { logger } = this.#parts
    const now = failure?.reason ?? 'up'
    if (now === this.#told) return
    this.#told = now
    if (failure === null) logger.info({}, 'the probe: records come through')
    else
      logger.warn(
        { reason: failure.reason, err: failure.error },
        'the probe: records do not come through',
      )
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#opening?.catch(() => null)
    this.#discard(this.#link)
    await Promise.all(this.#closing)
  }

  async #attempt(id: string, arrival: Promise<void>): Promise<Failure | null> {
    const { clock } = this.#parts
    const sentAtMs = clock.monotonicMs()
    let link: KafkaLink | null = null
    try {
      link = await this.#within(this.#connected())
      await this.#within(link.send(id))
    } catch (error) {
      this.stats.failed++
      this.#discard(link)
      return { reason: reasonOf(error, link !== null), error }
    }
    this.stats.produceTook(clock.monotonicMs() - sentAtMs)
    try {
      await this.#within(arrival)
    } catch (error) {
      this.stats.lost++
      this.#discard(link)
      return { reason: 'lost', error }
    }
    return null
  }

  #connected(): Promise<KafkaLink> {
    if (this.#link !== null) return Promise.resolve(this.#link)
    this.#opening ??= this.#parts
      .open((text) => this.#onRecord(text))
      .then(async (link) => {
        // Whoever stopped meanwhile has not seen this link.
        if (this.#isStopped) await link.close()
        this.#link = link
        return link
      })
      .finally(() => {
        this.#opening = null
      })
    return this.#opening
  }

  /** Other rounds may have a new one by then, which stays. A broker that hangs is not waited for. */
  #discard(link: KafkaLink | null): void {
    if (link === null || link !== this.#link) return
    this.#link = null
    const closed = link.close().finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }

  #onRecord(text: string): void {
    const waiting = this.#inFlight.get(text)
    if (waiting === undefined) return
    this.stats.received++
    this.stats.roundtripTook(this.#parts.clock.monotonicMs() - waiting.sentAtMs)
    waiting.arrived()
  }

  async #within<Result>(work: Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>()
    const cancel = this.#parts.timers.after(this.#options.timeoutMs, () =>
      late.reject(new ProbeTimeout(`not within ${this.#options.timeoutMs} ms`)),
    )
    try {
      return await Promise.race([work, late.promise])
    } finally {
      cancel()
    }
  }
}

/** By the names that kafkajs gives its errors; it wraps them once it has given up. */
function reasonOf(error: unknown, isConnected: boolean): ProbeFailure {
  const wrapped = error instanceof Error ? (error.cause ?? error) : error
  const name = wrapped instanceof Error ? wrapped.name : ''
  if (name === 'KafkaJSSASLAuthenticationError') return 'login'
  if (!isConnected || name.startsWith('KafkaJSConnection')) return 'connection'
  const isLate = wrapped instanceof ProbeTimeout || name === 'KafkaJSRequestTimeoutError'
  return isLate ? 'unacknowledged' : 'refused'
}
