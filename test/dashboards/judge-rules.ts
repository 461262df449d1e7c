import { METRIC_NAME } from '../../monitor/promql/index.ts'
import type { Selector } from './families-of.ts'
import { selectorsOf } from './families-of.ts'
import type { PrometheusApi, ServedRule } from './prometheus-api.ts'

export interface RuleVerdict {
  readonly rule: string
  readonly faults: readonly string[]
}

/**
 * Looks at every rule that a server evaluates. A recording rule has to give series. An alert gives none while all is
 * well, so what it selects has to be there: an alert on a family that nobody exposes would never fire.
 */
export async function judgeServedRules(api: PrometheusApi): Promise<readonly RuleVerdict[]> {
  const verdicts: RuleVerdict[] = []
  // One after the other: all of them together are more queries than a server lets wait.
  for (const rule of await api.rules()) {
    verdicts.push({ rule: `${rule.group} / ${rule.name}`, faults: await faultsOfRule(rule, api) })
  }
  return verdicts
}

async function faultsOfRule(
  { name, type, query, health, lastError }: ServedRule,
  api: PrometheusApi,
): Promise<readonly string[]> {
  if (health !== 'ok') return [`health is ${health} ${lastError}`]
  if (type === 'alerting') return faultsOfAlert(query, api)
  const isThere = (await api.query(name)).length > 0
  return isThere ? [] : ['recorded nothing']
}

/** Faults of the expression of an alert. */
export async function faultsOfAlert(
  expression: string,
  api: PrometheusApi,
): Promise<readonly string[]> {
  try {
    await api.query(expression)
    const faults = await Promise.all(
      selectorsOf(expression).map((selector) => faultOf(selector, api)),
    )
    return [...new Set(faults.filter((fault) => fault !== null))]
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

/**
 * A selector of an error that did not happen finds nothing, rightly. Then the family has to be there, and to have the
 * labels that the selector asks about.
 */
async function faultOf(selector: Selector, api: PrometheusApi): Promise<string | null> {
  if ((await api.query(selector.text)).length > 0) return null
  if ((await api.query(selector.family)).length === 0) return `there is no ${selector.family}`
  for (const label of selector.labels.filter((name) => name !== METRIC_NAME)) {
    const labelled = await api.query(`count(${selector.family}{${label}!=""})`)
    if (labelled.length === 0) return `${selector.family} has no label ${label}`
  }
  return null
}
