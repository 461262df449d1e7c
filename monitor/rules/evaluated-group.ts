import type { Cancel, Clock, Timers } from '../../kit/index.ts'
import { crc32c } from '../../protocol/index.ts'
import { EvaluatedRule } from './evaluated-rule.ts'
import type { RuleContext, RuleStorage } from './evaluation-port.ts'
import type { RuleGroup } from './rule-file.ts'

/** A group of rules that are evaluated one after the other, so that each sees what those before it recorded. */
export class EvaluatedGroup {
  readonly group: RuleGroup
  readonly intervalMs: number
  readonly rules: readonly EvaluatedRule[]
  readonly #clock: Clock
  #evaluatedAtMs: number | null = null
  #durationMs = 0
  #missed = 0
  #evaluations = 0
  #failures = 0

  constructor(
    group: RuleGroup,
    defaultIntervalMs: number,
    storage: RuleStorage,
    context: RuleContext,
    clock: Clock,
  ) {
    this.group = group
    this.intervalMs = group.intervalMs ?? defaultIntervalMs
    this.rules = group.rules.map((rule) => new EvaluatedRule(rule, group, storage, context))
    this.#clock = clock
  }

  get evaluatedAtMs(): number | null {
    return this.#evaluatedAtMs
  }

  get durationMs(): number {
    return this.#durationMs
  }

  /** Evaluations that were due while one was still running. */
  get missed(): number {
    return this.#missed
  }

  /** Evaluations of single rules. */
  get evaluations(): number {
    return this.#evaluations
  }

  /** Those of them that ended with an error. */
  get failures(): number {
    return this.#failures
  }

  /** Rules that are still the same go on where they stood; series of rules that are gone end. */
  adopt(other: EvaluatedGroup, nowMs: number): void {
    this.#evaluations = other.#evaluations
    this.#failures = other.#failures
    this.#missed = other.#missed
    const left = [...other.rules]
    for (const rule of this.rules) {
      const at = left.findIndex((one) => JSON.stringify(one.rule) === JSON.stringify(rule.rule))
      const [same] = at < 0 ? [] : left.splice(at, 1)
      if (same !== undefined) rule.adopt(same)
    }
    for (const rule of left) rule.end(nowMs)
  }

  async evaluate(nowMs: number): Promise<void> {
    const elapsedMs = () => this.#clock.monotonicMs()
    const beganMs = elapsedMs()
    for (const rule of this.rules) {
      await rule.evaluate(nowMs, elapsedMs)
      this.#evaluations++
      if (rule.health.health === 'err') this.#failures++
    }
    this.#evaluatedAtMs = nowMs
    this.#durationMs = elapsedMs() - beganMs
  }

  /** Evaluates at the interval, each group at its own place in it; one that takes longer misses its turn. */
  schedule(timers: Timers, onEvaluated: (group: EvaluatedGroup) => void): Cancel {
    const offsetMs = crc32c(Buffer.from(`${this.group.file}\n${this.group.name}`)) % this.intervalMs
    let cancel: Cancel = () => undefined
    let stopped = false
    const dueAfter = (ms: number) =>
      Math.floor((ms - offsetMs) / this.intervalMs + 1) * this.intervalMs + offsetMs
    const arm = (): void => {
      const nowMs = this.#clock.now()
      const dueMs = dueAfter(nowMs)
      cancel = timers.after(dueMs - nowMs, () => void run(dueMs))
    }
    const run = async (dueMs: number): Promise<void> => {
      await this.evaluate(dueMs)
      if (stopped) return
      onEvaluated(this)
      this.#missed += Math.max(
        0,
        Math.round((dueAfter(this.#clock.now()) - dueMs) / this.intervalMs) - 1,
      )
      arm()
    }
    arm()
    return () => {
      stopped = true
      cancel()
    }
  }
}
