import type { Alert } from '../alerts/alert.ts'
import { isFiring } from '../alerts/alert.ts'
import type { Fingerprint, LabelSet } from '../alerts/label-set.ts'
import type { InhibitRule } from '../config/config.ts'
import { matchesAll } from './matcher.ts'

/** Sources of one rule: those that fire, by the values of the labels that must be equal. */
type Sources = ReadonlyMap<string, readonly Alert[]>

/**
 * Says which alerts hold another one back. An alert that matches both sides of a rule is not held back
 * by one that does too, or they would silence each other. Made anew for each look at all alerts.
 */
export class Inhibitor {
  readonly #rules: readonly (readonly [rule: InhibitRule, sources: Sources])[]

  constructor(rules: readonly InhibitRule[], alerts: Iterable<Alert>, nowMs: number) {
    const firing = rules.length === 0 ? [] : [...alerts].filter((alert) => isFiring(alert, nowMs))
    this.#rules = rules.map((rule) => [
      rule,
      Map.groupBy(
        firing.filter((alert) => matchesAll(rule.source, alert.labels)),
        (alert) => equalKey(rule, alert.labels),
      ),
    ])
  }

  /** The alert that holds this one back, or null. */
  inhibitedBy(alert: Alert): Fingerprint | null {
    for (const [rule, sources] of this.#rules) {
      if (sources.size === 0 || !matchesAll(rule.target, alert.labels)) continue
      const candidates = sources.get(equalKey(rule, alert.labels)) ?? []
      const isSourceToo = matchesAll(rule.source, alert.labels)
      const source = candidates.find(
        (one) =>
          one.fingerprint !== alert.fingerprint &&
          !(isSourceToo && matchesAll(rule.target, one.labels)),
      )
      if (source) return source.fingerprint
    }
    return null
  }
}

/** Labels that both lack are equal. */
function equalKey({ equal }: InhibitRule, labels: LabelSet): string {
  return JSON.stringify(equal.map((name) => labels[name] ?? ''))
}
