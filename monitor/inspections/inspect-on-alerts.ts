import type { Cancel, Clock, Logger, Timers } from '../../kit/index.ts'
import { BrokerUnreachableError } from '../cluster/index.ts'
import type { Inspector } from './inspector.ts'

export interface AlertInspectionsParts {
  readonly inspector: Pick<Inspector, 'run' | 'lastReport'>
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
}

/** What an inspection has to know of an alert. */
export interface NotedAlert {
  readonly state: 'inactive' | 'pending' | 'firing'
  /** When it began to fire; null while it is pending. */
  readonly firedAtMs: number | null
}

/** Alerts that come one after the other, as they do in an outage, are inspected together. */
const SPACING_MS = 10_000

/**
 * Inspects when an alert begins to fire, so that the finding with its remedy and its ticket are there as soon as people
 * hear of the alert, and not by the next turn of the schedule.
 */
export class AlertInspections {
  readonly #parts: AlertInspectionsParts
  #firedAtMs = Number.NEGATIVE_INFINITY
  #attemptedAtMs = Number.NEGATIVE_INFINITY
  /** What fired until then has been looked at. */
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #planned: Cancel | null = null
  #isStopped = false

  constructor(parts: AlertInspectionsParts) {
    this.#parts = parts
  }

  /** Takes what an evaluation of a rule found; it may be the same each time. */
  note(alerts: readonly NotedAlert[]): void {
    for (const { state, firedAtMs } of alerts)
      if (state === 'firing' && firedAtMs !== null)
        this.#firedAtMs = Math.max(this.#firedAtMs, firedAtMs)
    this.#plan()
  }

  stop(): void {
    this.#isStopped = true
    this.#planned?.()
  }

  #plan(): void {
    const { inspector, clock, timers } = this.#parts
    const scheduledAtMs = inspector.lastReport?.startedAtMs ?? Number.NEGATIVE_INFINITY
    if (this.#isStopped || this.#planned !== null) return
    if (this.#firedAtMs <= Math.max(this.#lookedAtMs, scheduledAtMs)) return
    const sinceMs = clock.now() - this.#attemptedAtMs
    const waitMs = sinceMs < 0 ? SPACING_MS : Math.max(0, SPACING_MS - sinceMs)
    this.#planned = timers.after(waitMs, () => void this.#inspect())
  }

  async #inspect(): Promise<void> {
    const { inspector, clock, logger } = this.#parts
    const beganMs = clock.now()
    const firedAtMs = this.#firedAtMs
    this.#attemptedAtMs = beganMs
    try {
      const { startedAtMs } = await inspector.run()
      // It may have begun before the alert fired; then one more is due. A clock that was set back makes no difference.
      this.#lookedAtMs = startedAtMs < beganMs ? startedAtMs : Math.max(startedAtMs, firedAtMs)
    } catch (error) {
      // The schedule tells of a broker that is away; a check that fails otherwise must not end the process.
      if (!(error instanceof BrokerUnreachableError))
        logger.error({ err: error }, 'an inspection failed')
      this.#lookedAtMs = Math.max(beganMs, firedAtMs)
    } finally {
      this.#planned = null
    }
    this.#plan()
  }
}
