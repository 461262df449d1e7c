import type { Cancel, Clock, Timers } from '../../kit/index.ts'
import type { Alert } from './alert.ts'
import { EvaluatedGroup } from './evaluated-group.ts'
import type { RuleContext, RuleStorage } from './evaluation-port.ts'
import type { AlertingRule, RuleGroup } from './rule-file.ts'

export interface RuleManagerOptions {
  readonly intervalMs: number
  readonly context: RuleContext
  readonly storage: RuleStorage
  readonly clock: Clock
  readonly timers: Timers
  /** After each evaluation of a group, with the alerts of its rules: what fires does so until then if nobody tells of it again. */
  readonly onAlerts: (rule: AlertingRule, alerts: readonly Alert[], validUntilMs: number) => void
}

/** As Prometheus has it: three evaluations may be lost, and at least some minutes. */
const VALID_INTERVALS = 4
const LEAST_INTERVAL_MS = 60_000

/** The groups in force. A new set replaces the old one as a whole; what stays the same keeps its state. */
export class RuleManager {
  readonly #options: RuleManagerOptions
  #running: { group: EvaluatedGroup; cancel: Cancel }[] = []

  constructor(options: RuleManagerOptions) {
    this.#options = options
  }

  get groups(): readonly EvaluatedGroup[] {
    return this.#running.map(({ group }) => group)
  }

  replace(groups: readonly RuleGroup[]): void {
    const { intervalMs, storage, context, clock, timers } = this.#options
    const before = this.#running
    for (const { cancel } of before) cancel()
    const left = new Set(before.map(({ group }) => group))
    this.#running = groups.map((one) => {
      const group = new EvaluatedGroup(one, intervalMs, storage, context, clock)
      const same = [...left].find(
        (other) => other.group.name === one.name && other.group.file === one.file,
      )
      if (same !== undefined) {
        left.delete(same)
        group.adopt(same, clock.now())
      }
      return { group, cancel: group.schedule(timers, (evaluated) => this.#tell(evaluated)) }
    })
    for (const gone of left) for (const rule of gone.rules) rule.end(clock.now())
  }

  stop(): void {
    for (const { cancel } of this.#running) cancel()
    this.#running = []
  }

  #tell(group: EvaluatedGroup): void {
    const { clock, onAlerts } = this.#options
    const validMs = VALID_INTERVALS * Math.max(group.intervalMs, LEAST_INTERVAL_MS)
    for (const { rule, alerts } of group.rules) {
      if (rule.kind === 'alerting') onAlerts(rule, alerts, clock.now() + validMs)
    }
  }
}
