import type { Resource } from '../../../audit/index.ts'
import { AUDIT_TOPIC } from '../audit-topic.ts'
import { brokerConfigs } from '../broker-configs.ts'
import type { AlterBrokerConfig, AlterTopicConfig } from '../commands.ts'
import { topicConfigFaults } from '../effective-topic-config.ts'
import { EVENTS_TOPIC } from '../events-topic.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { Topic } from '../port.ts'
import { topicConfigs } from '../topic-configs.ts'
import { topicNameFault } from '../topic-name.ts'
import { changeConfigs } from './config-changes.ts'
import type { Decision, DecisionContext, Refused } from './decision.ts'
import { refuse, refuseFaults } from './decision.ts'
import { topicResource } from './topics.ts'

type Texts = Readonly<Record<string, string>>

/** Settings whose change lets the log forget or relax what it promised; changing back does not restore it. */
const LOSSY_CONFIGS: ReadonlySet<string> = new Set([
  'cleanup.policy',
  'delete.retention.ms',
  'glasslog.durability',
  'max.compaction.lag.ms',
  'min.cleanable.dirty.ratio',
  'min.compaction.lag.ms',
  'retention.bytes',
  'retention.ms',
])

export function decideAlterTopicConfig(
  state: FoldedState,
  command: AlterTopicConfig,
  context: DecisionContext,
): Decision<AlterTopicConfig> {
  const { name, mode, changes } = command
  const topic = state.tables.topics.get(name)
  const resource = topicResource(name, topic)
  const nameFault = name === '' ? 'Default topic resources are not allowed.' : topicNameFault(name)
  if (nameFault !== null) {
    return refuse(name === '' ? 'INVALID_REQUEST' : 'INVALID_TOPIC_EXCEPTION', nameFault, resource)
  }
  const inEffect = (key: string): string | null =>
    context.topicDefaults[key] ?? topicConfigs.row(key)?.default ?? null
  const rowOf = (key: string) => topicConfigs.row(key)
  const result = changeConfigs(topic?.configs ?? {}, mode, changes, rowOf, inEffect)
  if (result.kind === 'refused') return refuse(result.error, result.message, resource)
  const faults = topicConfigFaults(result.configs, context.topicDefaults)
  if (faults.length > 0) return refuseFaults(faults, resource)
  if (!topic) {
    return refuse('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`, resource)
  }
  const refusal = refuseInternal(topic, result.configs, resource)
  if (refusal) return refusal

  const after: Topic = { ...topic, configs: result.configs }
  const lossy = changes.some((change) => LOSSY_CONFIGS.has(change.name)) || mode === 'replace'
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(topic),
    after: resourceToJson(after),
    reversal: lossy ? 'side-effects' : 'full',
    result: after,
  }
}

function refuseInternal(topic: Topic, configs: Texts, resource: Resource): Refused | null {
  if (topic.id === AUDIT_TOPIC.id || topic.id === EVENTS_TOPIC.id) {
    const message = `The configuration of ${topic.name} is built in.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  if (topic.internal && configs['glasslog.durability'] === 'os') {
    const message = `${topic.name} belongs to the broker, and its durability cannot be relaxed.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  return null
}

export function decideAlterBrokerConfig(
  state: FoldedState,
  command: AlterBrokerConfig,
  context: DecisionContext,
): Decision<AlterBrokerConfig> {
  const { brokerId, mode, changes } = command
  const resource: Resource = { kind: 'broker-config', name: brokerId, id: null }
  const idFault = brokerIdFault(brokerId, context.nodeId)
  if (idFault !== null) return refuse('INVALID_REQUEST', idFault, resource)

  const { brokerConfigs: set } = state.tables
  const current = set.get(brokerId) ?? {}
  const inEffect = (key: string): string | null =>
    set.get('')?.[key] ?? brokerConfigs.row(key)?.default ?? null
  const rowOf = (key: string) => brokerConfigs.row(key)
  const result = changeConfigs(current, mode, changes, rowOf, inEffect)
  if (result.kind === 'refused') return refuse(result.error, result.message, resource)

  const other = brokerConfigs.sound(set.get(brokerId === '' ? String(context.nodeId) : '') ?? {})
  const faults =
    brokerId === ''
      ? context.brokerConfigFaults(result.configs, other)
      : context.brokerConfigFaults(other, result.configs)
  if (faults.length > 0) return refuseFaults(faults, resource)
  const fixed = Object.keys(result.configs).filter((key) => !brokerConfigs.row(key)?.dynamic)
  if (fixed.length > 0) {
    const message = `Cannot update these configs dynamically: ${fixed.join(', ')}`
    return refuse('INVALID_REQUEST', message, resource)
  }
  return {
    error: 'NONE',
    resource,
    before: { configs: { ...current } },
    after: { configs: { ...result.configs } },
    reversal: 'side-effects',
    result: result.configs,
  }
}

function brokerIdFault(brokerId: string, nodeId: number): string | null {
  if (brokerId === '' || brokerId === String(nodeId)) return null
  if (!/^[+-]?\d+$/.test(brokerId)) {
    return `Node id must be an integer, but it is: ${brokerId.slice(0, 100)}`
  }
  return `Unexpected broker id, expected ${nodeId}, but received ${brokerId.slice(0, 100)}`
}
