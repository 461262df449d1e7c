import type { RemotePrometheus } from '../query/index.ts'
import type { RuleStorage } from './evaluation-port.ts'

/**
 * Rules over the series of another Prometheus. What they record and how their alerts stand goes to `own`, because a
 * Prometheus takes no samples from here; so a rule does not see what another one records.
 */
export function remoteRuleStorage(remote: RemotePrometheus, own: RuleStorage): RuleStorage {
  return { ...own, query: (expression, atMs) => remote.instant(expression, atMs) }
}
