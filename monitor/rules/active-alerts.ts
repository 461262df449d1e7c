import type { Labels } from '../promql/index.ts'
import { EvaluationError, METRIC_NAME } from '../promql/index.ts'
import type { Alert } from './alert.ts'
import type { AlertingRule } from './rule-file.ts'

/** A series of the rule's condition, with the labels and annotations that the rule gives it. */
export interface AlertCandidate {
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly value: number
}

export interface NotedSample {
  readonly labels: Labels
  readonly value: number
}

/** How long a resolved alert is still told of, so that whoever missed its end hears of it. */
const RESOLVED_KEPT_MS = 15 * 60_000
/** A pending alert that is restored waits at least so long before it fires, as in Prometheus. */
const RESTORE_GRACE_MS = 10 * 60_000

/** The alerts of one rule over time: pending for `for`, then firing, and after the condition's end for `keep_firing_for`. */
export class ActiveAlerts {
  readonly #rule: AlertingRule
  readonly #limit: number
  #alerts = new Map<string, Alert>()

  constructor(rule: AlertingRule, limit: number) {
    this.#rule = rule
    this.#limit = limit
  }

  all(): Alert[] {
    return [...this.#alerts.values()]
  }

  /** Takes over what the same rule knew before its file was read again. */
  adopt(other: ActiveAlerts): void {
    this.#alerts = new Map(other.#alerts)
  }

  /**
   * What holds now. Throws an EvaluationError, and changes nothing, when two series get the same labels or there
   * are more than the limit.
   */
  update(candidates: readonly AlertCandidate[], nowMs: number): void {
    const holding = new Map<string, AlertCandidate>()
    for (const candidate of candidates) {
      if (holding.has(candidate.labels.key)) {
        throw new EvaluationError(
          'vector contains metrics with the same labelset after applying alert labels',
        )
      }
      holding.set(candidate.labels.key, candidate)
    }
    const next = new Map<string, Alert>()
    for (const [key, candidate] of holding)
      next.set(key, this.#held(this.#alerts.get(key), candidate, nowMs))
    for (const [key, alert] of this.#alerts) {
      const after = next.has(key) ? null : this.#notHeld(alert, nowMs)
      if (after !== null) next.set(key, after)
    }
    const active = [...next.values()].filter(({ state }) => state !== 'inactive').length
    if (this.#limit > 0 && active > this.#limit) {
      this.#alerts.clear()
      throw new EvaluationError(`exceeded limit of ${this.#limit} with ${active} alerts`)
    }
    this.#alerts = next
  }

  /** `ALERTS` and `ALERTS_FOR_STATE`: the alerts as series, from which they are restored. */
  samples(): NotedSample[] {
    return this.all()
      .filter(({ state }) => state !== 'inactive')
      .flatMap(({ labels, state, activeAtMs }) => [
        { labels: labels.with(METRIC_NAME, 'ALERTS').with('alertstate', state), value: 1 },
        {
          labels: labels.with(METRIC_NAME, 'ALERTS_FOR_STATE'),
          value: Math.floor(activeAtMs / 1000),
        },
      ])
  }

  /**
   * Gives pending alerts back the time that they had waited before the evaluator was stopped. `lastKnown` finds the
   * newest `ALERTS_FOR_STATE` of an alert: since when it held, and when that was written.
   */
  restore(
    lastKnown: (labels: Labels) => { activeAtMs: number; writtenAtMs: number } | null,
    nowMs: number,
  ): void {
    const { forMs } = this.#rule
    for (const [key, alert] of this.#alerts) {
      const known =
        alert.state === 'pending'
          ? lastKnown(alert.labels.with(METRIC_NAME, 'ALERTS_FOR_STATE'))
          : null
      if (known === null) continue
      const remainingMs = forMs - (known.writtenAtMs - known.activeAtMs)
      const activeAtMs =
        remainingMs <= 0
          ? known.activeAtMs
          : remainingMs < RESTORE_GRACE_MS
            ? nowMs + Math.min(RESTORE_GRACE_MS, forMs) - forMs
            : known.activeAtMs + (nowMs - known.writtenAtMs)
      this.#alerts.set(key, this.#matured({ ...alert, activeAtMs }, nowMs))
    }
  }

  #held(
    before: Alert | undefined,
    { labels, annotations, value }: AlertCandidate,
    nowMs: number,
  ): Alert {
    if (before === undefined || before.state === 'inactive') {
      const fresh = { labels, annotations, value, activeAtMs: nowMs, ...NEW }
      return this.#matured(fresh, nowMs)
    }
    return this.#matured({ ...before, annotations, value, keepFiringSinceMs: null }, nowMs)
  }

  #notHeld(alert: Alert, nowMs: number): Alert | null {
    if (alert.state === 'pending') return null
    if (alert.state === 'inactive') {
      return nowMs - (alert.resolvedAtMs ?? nowMs) > RESOLVED_KEPT_MS ? null : alert
    }
    const sinceMs = alert.keepFiringSinceMs ?? nowMs
    if (nowMs - sinceMs < this.#rule.keepFiringForMs)
      return { ...alert, keepFiringSinceMs: sinceMs }
    return { ...alert, state: 'inactive', resolvedAtMs: nowMs }
  }

  #matured(alert: Alert, nowMs: number): Alert {
    if (alert.state !== 'pending' || nowMs - alert.activeAtMs < this.#rule.forMs) return alert
    return { ...alert, state: 'firing', firedAtMs: nowMs }
  }
}

const NEW = {
  state: 'pending',
  firedAtMs: null,
  keepFiringSinceMs: null,
  resolvedAtMs: null,
} as const
