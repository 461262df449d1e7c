import type { MeasuredGroup } from './metrics/index.ts'
import type { RuleManager } from './rules/index.ts'

/** The numbers of the groups in force; of two with one name together. */
export function measureGroups(rules: RuleManager): readonly MeasuredGroup[] {
  const byName = new Map<string, MeasuredGroup>()
  for (const evaluated of rules.groups) {
    const { group, evaluations, failures, missed, durationMs, intervalMs, evaluatedAtMs } =
      evaluated
    const { name } = group
    const alerts = evaluated.rules.flatMap((rule) => rule.alerts)
    const same = byName.get(name)
    byName.set(name, {
      ...{ name, durationMs, intervalMs, evaluatedAtMs },
      evaluations: evaluations + (same?.evaluations ?? 0),
      failures: failures + (same?.failures ?? 0),
      missed: missed + (same?.missed ?? 0),
      pending: (same?.pending ?? 0) + alerts.filter(({ state }) => state === 'pending').length,
      firing: (same?.firing ?? 0) + alerts.filter(({ state }) => state === 'firing').length,
    })
  }
  return [...byName.values()]
}
