import type { FastifyInstance } from 'fastify'
import { formatSample } from '../promql/index.ts'
import type { Alert, EvaluatedGroup, EvaluatedRule, RuleManager } from '../rules/index.ts'
import { handled } from './answers.ts'
import type { Parameters } from './parameters.ts'

/** What rules and alerts there are, as Prometheus tells it. */
export function addRulesApi(app: FastifyInstance, rules: RuleManager): void {
  app.get(
    '/api/v1/rules',
    handled(async (parameters) => ({ data: rulesData(rules, parameters) })),
  )
  app.get(
    '/api/v1/alerts',
    handled(async () => ({ data: alertsData(rules) })),
  )
}

/** `/api/v1/rules`: groups with their rules and how they went, as Prometheus tells them. */
function rulesData(rules: RuleManager, parameters: Parameters): object {
  const type = parameters.optionalText('type')
  const wanted = type === 'alert' ? 'alerting' : type === 'record' ? 'recording' : null
  return {
    groups: rules.groups.map((group) => ({
      name: group.group.name,
      file: group.group.file,
      interval: group.intervalMs / 1000,
      limit: group.group.limit,
      evaluationTime: group.durationMs / 1000,
      lastEvaluation: timeOf(group.evaluatedAtMs),
      rules: group.rules
        .filter(({ rule }) => wanted === null || rule.kind === wanted)
        .map((rule) => ruleRow(rule, group)),
    })),
  }
}

/** `/api/v1/alerts`: what is pending or fires. */
function alertsData(rules: RuleManager): object {
  const alerts = rules.groups.flatMap((group) => group.rules.flatMap((rule) => rule.alerts))
  return { alerts: alerts.filter(isActive).map(alertRow) }
}

function ruleRow({ rule, health, alerts }: EvaluatedRule, { group }: EvaluatedGroup): object {
  const common = {
    query: rule.expression,
    labels: { ...group.labels, ...rule.labels },
    health: health.health,
    ...(health.lastError === null ? {} : { lastError: health.lastError }),
    evaluationTime: health.durationMs / 1000,
    lastEvaluation: timeOf(health.evaluatedAtMs),
  }
  if (rule.kind === 'recording') return { ...common, name: rule.record, type: 'recording' }
  const active = alerts.filter(isActive)
  return {
    ...common,
    name: rule.alert,
    type: 'alerting',
    state: active.some(({ state }) => state === 'firing')
      ? 'firing'
      : active.length > 0
        ? 'pending'
        : 'inactive',
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    annotations: rule.annotations,
    alerts: active.map(alertRow),
  }
}

function alertRow({
  labels,
  annotations,
  state,
  activeAtMs,
  keepFiringSinceMs,
  value,
}: Alert): object {
  return {
    labels: labels.toRecord(),
    annotations,
    state,
    activeAt: timeOf(activeAtMs),
    ...(keepFiringSinceMs === null ? {} : { keepFiringSince: timeOf(keepFiringSinceMs) }),
    value: formatSample(value),
  }
}

function isActive({ state }: Alert): boolean {
  return state !== 'inactive'
}

/** Go's zero time for what has not happened. */
function timeOf(ms: number | null): string {
  return ms === null ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString()
}
