import type { Alert } from '../alerts/alert.ts'
import { isFiring } from '../alerts/alert.ts'
import type { Fingerprint } from '../alerts/label-set.ts'
import type { AlertingConfig, Route } from '../config/config.ts'
import type { Inhibitor } from '../routing/inhibitor.ts'
import { containsTime } from '../routing/time-interval.ts'
import type { Silencer } from '../silences/silencer.ts'
import type { AlertingState } from '../state/alerting-state.ts'
import type { Group, Member } from './group.ts'

/** Says what is held back at one instant, and by what. Good until the next change of an alert or a silence. */
export class Judge {
  readonly #state: AlertingState
  readonly #silencer: Silencer
  readonly #inhibitor: Inhibitor
  readonly #timeIntervals: AlertingConfig['timeIntervals']
  readonly #nowMs: number

  constructor(
    state: AlertingState,
    silencer: Silencer,
    inhibitor: Inhibitor,
    timeIntervals: AlertingConfig['timeIntervals'],
    nowMs: number,
  ) {
    this.#state = state
    this.#silencer = silencer
    this.#inhibitor = inhibitor
    this.#timeIntervals = timeIntervals
    this.#nowMs = nowMs
  }

  silencedBy(alert: Alert): readonly string[] {
    return this.#silencer.silencedBy(alert, this.#nowMs)
  }

  inhibitedBy(alert: Alert): readonly Fingerprint[] {
    const source = this.#inhibitor.inhibitedBy(alert)
    return source === null ? [] : [source]
  }

  /** Names of the time intervals that keep a route quiet now. */
  mutedBy(route: Route): readonly string[] {
    const contains = (name: string): boolean =>
      this.#timeIntervals.get(name)?.some((interval) => containsTime(interval, this.#nowMs)) ??
      false
    const muting = route.muteTimeIntervals.filter(contains)
    const { activeTimeIntervals } = route
    const isActive = activeTimeIntervals.length === 0 || activeTimeIntervals.some(contains)
    return isActive ? muting : [...muting, ...activeTimeIntervals]
  }

  isFiring(alert: Alert): boolean {
    return isFiring(alert, this.#nowMs)
  }

  members(group: Group): Member[] {
    return [...group.members].flatMap((fingerprint) => {
      const alert = this.#state.alerts.get(fingerprint)
      if (alert === undefined) return []
      return {
        alert,
        isFiring: this.isFiring(alert),
        isMuted: this.silencedBy(alert).length > 0 || this.inhibitedBy(alert).length > 0,
        isAcknowledged: this.#state.acknowledgements.has(fingerprint),
      }
    })
  }
}
