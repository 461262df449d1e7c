import { selectorsOf } from './families-of.ts'
import type { PrometheusApi } from './prometheus-api.ts'

export interface RuleVerdict {
  readonly rule: string
  readonly faults: readonly string[]
}

/**
 * Looks at every rule that a server evaluates. A recording rule has to give series. An alert gives none while all is
 * well, so each of its selectors has to find some: an alert on a family that nobody exposes would never fire.
 */
export async function judgeServedRules(
  api: PrometheusApi,
  mayBeAbsent: ReadonlyMap<string, string>,
): Promise<readonly RuleVerdict[]> {
  const rules = await api.rules()
  return Promise.all(
    rules.map(async ({ group, name, type, query, health, lastError }): Promise<RuleVerdict> => {
      const rule = `${group} / ${name}`
      if (health !== 'ok') return { rule, faults: [`health is ${health} ${lastError}`] }
      if (type === 'alerting') return { rule, faults: await faultsOfAlert(query, api, mayBeAbsent) }
      const isThere = (await api.query(name)).length > 0
      return { rule, faults: isThere ? [] : ['recorded nothing'] }
    }),
  )
}

/** Faults of the expression of an alert. */
export async function faultsOfAlert(
  expression: string,
  api: PrometheusApi,
  mayBeAbsent: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  try {
    await api.query(expression)
    const faults: string[] = []
    for (const selector of selectorsOf(expression)) {
      const family = /__name__="([^"]+)"/.exec(selector)?.[1] ?? ''
      if (mayBeAbsent.has(family) || (await api.query(selector)).length > 0) continue
      faults.push(`nothing matches ${selector}`)
    }
    return faults
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}
