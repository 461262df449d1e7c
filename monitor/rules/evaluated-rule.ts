import type { QueryResult } from '../promql/index.ts'
import { EvaluationError, Labels, METRIC_NAME } from '../promql/index.ts'
import type { AlertCandidate, NotedSample } from './active-alerts.ts'
import { ActiveAlerts } from './active-alerts.ts'
import type { Alert } from './alert.ts'
import type { RuleContext, RuleStorage } from './evaluation-port.ts'
import type { AlertingRule, RecordingRule, Rule, RuleGroup } from './rule-file.ts'
import type { AlertTemplateContext, QuerySample } from './template/alert-template.ts'
import { AlertTemplate } from './template/alert-template.ts'
import { TemplateError } from './template/lexer.ts'

/** How the last evaluation went. */
export interface RuleHealth {
  readonly health: 'unknown' | 'ok' | 'err'
  readonly lastError: string | null
  readonly evaluatedAtMs: number | null
  readonly durationMs: number
}

const NEVER: RuleHealth = { health: 'unknown', lastError: null, evaluatedAtMs: null, durationMs: 0 }

/** A rule with what it remembers between evaluations. */
export class EvaluatedRule {
  readonly rule: Rule
  readonly #group: RuleGroup
  readonly #storage: RuleStorage
  readonly #context: RuleContext
  readonly #alerts: ActiveAlerts | null
  readonly #templates: RuleTemplates
  /** The series that the last evaluation gave: those that do not come again are ended. */
  #given = new Map<string, Labels>()
  health: RuleHealth = NEVER
  #isRestored = false

  constructor(rule: Rule, group: RuleGroup, storage: RuleStorage, context: RuleContext) {
    this.rule = rule
    this.#group = group
    this.#storage = storage
    this.#context = context
    this.#alerts = rule.kind === 'alerting' ? new ActiveAlerts(rule, group.limit) : null
    this.#templates = new RuleTemplates(rule)
  }

  get alerts(): readonly Alert[] {
    return this.#alerts?.all() ?? []
  }

  /** Goes on where the same rule stood before its file was read again. */
  adopt(other: EvaluatedRule): void {
    if (other.#alerts !== null) this.#alerts?.adopt(other.#alerts)
    this.#given = new Map(other.#given)
    this.#isRestored = other.#isRestored
    this.health = other.health
  }

  /** Never rejects: what went wrong is in `health`, and other rules go on. */
  async evaluate(nowMs: number, elapsedMs: () => number): Promise<void> {
    const beganMs = elapsedMs()
    let error: string | null = null
    try {
      const result = await this.#storage.query(
        this.rule.expression,
        nowMs - this.#group.queryOffsetMs,
      )
      const samples =
        this.rule.kind === 'recording'
          ? this.#record(this.rule, result)
          : await this.#alert(this.rule, result, nowMs)
      this.#write(samples, nowMs)
    } catch (thrown) {
      // What it gave last is not over: nobody knows. It ages as any series that is no longer told of.
      error = thrown instanceof Error ? thrown.message : String(thrown)
    }
    this.health = {
      health: error === null ? 'ok' : 'err',
      lastError: error,
      evaluatedAtMs: nowMs,
      durationMs: elapsedMs() - beganMs,
    }
  }

  /** Ends its series, for a rule that is no longer there. */
  end(nowMs: number): void {
    this.#write([], nowMs)
  }

  #record(rule: RecordingRule, result: QueryResult): NotedSample[] {
    const samples = samplesOf(result).map(({ labels, value }) => ({
      labels: withAll(labels.with(METRIC_NAME, rule.record), {
        ...this.#group.labels,
        ...rule.labels,
      }),
      value,
    }))
    if (new Set(samples.map(({ labels }) => labels.key)).size < samples.length) {
      throw new EvaluationError(
        'vector contains metrics with the same labelset after applying rule labels',
      )
    }
    const { limit } = this.#group
    if (limit > 0 && samples.length > limit) {
      throw new EvaluationError(`exceeded limit of ${limit} with ${samples.length} series`)
    }
    return samples
  }

  async #alert(rule: AlertingRule, result: QueryResult, nowMs: number): Promise<NotedSample[]> {
    const alerts = this.#alerts
    if (alerts === null) return []
    alerts.update(
      samplesOf(result).map((sample) => this.#candidate(rule, sample, nowMs)),
      nowMs,
    )
    if (!this.#isRestored) {
      alerts.restore(await this.#lastKnown(rule, nowMs), nowMs)
      this.#isRestored = true
    }
    return alerts.samples()
  }

  #candidate(rule: AlertingRule, { labels, value }: QuerySample, nowMs: number): AlertCandidate {
    const context: AlertTemplateContext = {
      ...this.#context,
      labels,
      value,
      query: (expression) => samplesOf(this.#storage.recentQuery(expression, nowMs)),
      nowMs,
    }
    const ruleLabels = { ...this.#group.labels, ...this.#templates.labels(context) }
    return {
      labels: withAll(labels.withoutName(), ruleLabels).with('alertname', rule.alert),
      annotations: this.#templates.annotations(context),
      value,
    }
  }

  /** The newest `ALERTS_FOR_STATE` of each alert, not older than an hour. */
  async #lastKnown(rule: AlertingRule, nowMs: number) {
    const selector = `ALERTS_FOR_STATE{alertname=${JSON.stringify(rule.alert)}}`
    const [values, times] = await Promise.all(
      [`last_over_time(${selector}[1h])`, `max_over_time(timestamp(${selector})[1h:15s])`].map(
        async (expression) =>
          new Map(
            samplesOf(await this.#storage.queryWritten(expression, nowMs)).map((sample) => [
              sample.labels.with(METRIC_NAME, 'ALERTS_FOR_STATE').key,
              sample.value,
            ]),
          ),
      ),
    )
    return (labels: Labels) => {
      const activeAt = values?.get(labels.key)
      const writtenAt = times?.get(labels.key)
      if (activeAt === undefined || writtenAt === undefined) return null
      return { activeAtMs: activeAt * 1000, writtenAtMs: writtenAt * 1000 }
    }
  }

  #write(samples: readonly NotedSample[], nowMs: number): void {
    const given = new Map(samples.map(({ labels }) => [labels.key, labels]))
    const gone = [...this.#given].filter(([key]) => !given.has(key)).map(([, labels]) => labels)
    this.#storage.append(samples, nowMs)
    if (gone.length > 0) this.#storage.end(gone, nowMs)
    this.#given = given
  }
}

/** The templates of an alerting rule's labels and annotations, read once. */
class RuleTemplates {
  readonly #labels: ReadonlyMap<string, AlertTemplate>
  readonly #annotations: ReadonlyMap<string, AlertTemplate>

  constructor(rule: Rule) {
    const read = (texts: Readonly<Record<string, string>>) =>
      new Map(Object.entries(texts).map(([name, text]) => [name, new AlertTemplate(text)]))
    this.#labels = rule.kind === 'alerting' ? read(rule.labels) : new Map()
    this.#annotations = rule.kind === 'alerting' ? read(rule.annotations) : new Map()
  }

  labels(context: AlertTemplateContext): Record<string, string> {
    return filled(this.#labels, context)
  }

  annotations(context: AlertTemplateContext): Record<string, string> {
    return filled(this.#annotations, context)
  }
}

/** A template that throws gives its error in place of its text: the alert itself must not be lost. */
function filled(
  templates: ReadonlyMap<string, AlertTemplate>,
  context: AlertTemplateContext,
): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, template] of templates) {
    try {
      texts[name] = template.fill(context)
    } catch (error) {
      if (!(error instanceof TemplateError || error instanceof EvaluationError)) throw error
      texts[name] = `<error expanding template: ${error.message}>`
    }
  }
  return texts
}

function samplesOf({ value }: QueryResult): QuerySample[] {
  if (value.type === 'scalar') return [{ labels: Labels.empty, value: value.point[1] }]
  if (value.type !== 'vector') throw new EvaluationError('rule result is not a vector or scalar')
  return value.series.map(({ labels, points }) => ({ labels, value: points[0]?.[1] ?? Number.NaN }))
}

function withAll(labels: Labels, others: Readonly<Record<string, string>>): Labels {
  return Labels.from([...labels.entries(), ...Object.entries(others)])
}
