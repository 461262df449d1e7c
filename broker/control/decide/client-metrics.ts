import type { Resource } from '../../../audit/index.ts'
import { compileClientMatch } from '../client-metrics/client-match.ts'
import { clientMetricsConfigs } from '../client-metrics/client-metrics-configs.ts'
import type { AlterClientMetrics } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { changeConfigs } from './config-changes.ts'
import type { Decision } from './decision.ts'
import { refuse, refuseFaults } from './decision.ts'

/** Every client that comes is compared with each subscription. */
const MAX_SUBSCRIPTIONS = 1000
const MAX_NAME_LENGTH = 249

/** Sets configurations of a subscription; it begins with the first and ends with the last of them. */
export function decideAlterClientMetrics(
  state: FoldedState,
  { name, mode, changes }: AlterClientMetrics,
): Decision<AlterClientMetrics> {
  const resource: Resource = { kind: 'client-metrics', name: name.slice(0, 1000), id: null }
  if (name === '') return refuse('INVALID_REQUEST', "Subscription name can't be empty", resource)
  if (name.length > MAX_NAME_LENGTH) {
    const message = `The name of a subscription has at most ${MAX_NAME_LENGTH} characters.`
    return refuse('INVALID_REQUEST', message, resource)
  }
  const { clientMetrics } = state.tables
  const current = clientMetrics.get(name)
  const inEffect = (key: string): string | null => clientMetricsConfigs.row(key)?.default ?? null
  const rowOf = clientMetricsConfigs.row
  const result = changeConfigs(current ?? {}, mode, changes, rowOf, inEffect)
  if (result.kind === 'refused') return refuse(result.error, result.message, resource)
  const { configs } = result
  const unknown = Object.keys(configs).find((key) => !clientMetricsConfigs.row(key))
  if (unknown !== undefined) {
    const message = `Unknown client metrics configuration: ${unknown}`
    return refuse('INVALID_REQUEST', message, resource)
  }
  const faults = clientMetricsConfigs.faults(configs)
  if (faults.length > 0) {
    // As in Kafka: what is out of its range is a wrong request, what is no number a wrong value.
    const isOutOfRange = /^\s*[+-]?\d+\s*$/.test(configs['interval.ms'] ?? '')
    return refuseFaults(faults, resource, isOutOfRange ? 'INVALID_REQUEST' : 'INVALID_CONFIG')
  }
  const match = compileClientMatch(clientMetricsConfigs.parse(configs).match)
  if ('illegal' in match) {
    const message = `Illegal client matching pattern: ${match.illegal}`
    return refuse('INVALID_CONFIG', message, resource)
  }
  const isLeft = Object.keys(configs).length > 0
  if (isLeft && current === undefined && [...clientMetrics.entries()].length >= MAX_SUBSCRIPTIONS) {
    const message = `There are ${MAX_SUBSCRIPTIONS} subscriptions, and no more are possible.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  return {
    error: 'NONE',
    resource,
    before: current === undefined ? null : { configs: { ...current } },
    after: isLeft ? { configs: { ...configs } } : null,
    reversal: 'full',
    result: isLeft ? configs : null,
  }
}
