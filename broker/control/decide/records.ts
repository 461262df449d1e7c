import type { Resource } from '../../../audit/index.ts'
import type { DeleteRecords } from '../commands.ts'
import { effectiveTopicConfig } from '../effective-topic-config.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import type { Decision, DecisionContext } from './decision.ts'
import { refuse } from './decision.ts'

/**
 * The decision is the intent. Deleting happens outside the state, so the record of the intent is
 * durable before the log is trimmed, and a second record says what came of it.
 */
export function decideDeleteRecords(
  state: FoldedState,
  command: DeleteRecords,
  context: DecisionContext,
): Decision<DeleteRecords> {
  const { partition } = command
  const topic = state.tables.topics.get(command.topic)
  const name = `${command.topic}-${partition}`
  const id = topic ? `${topic.id}-${partition}` : null
  const resource: Resource = { kind: 'records', name, id }
  if (!topic || partition < 0 || partition >= topic.partitionCount) {
    return refuse('UNKNOWN_TOPIC_OR_PARTITION', `There is no partition ${name}.`, resource)
  }
  if (topic.internal) {
    const message = `Cannot delete records of internal topic ${topic.name}.`
    return refuse('INVALID_TOPIC_EXCEPTION', message, resource)
  }
  const { cleanup } = effectiveTopicConfig(topic.configs, context.topicDefaults, false).log
  if (!cleanup.delete) {
    const message = `Records of partition ${name} can not be deleted due to the configured policy`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  for (const [, open] of state.tables.openPurges.entries()) {
    if (open.topicId !== topic.id || open.partition !== partition) continue
    // Of one partition the history keeps one intent: a second would hide the first from a restart.
    const message = `Records of ${name} are being deleted already; ask again, or once for each partition.`
    return refuse('INVALID_REQUEST', message, resource)
  }
  const bounds = context.logBounds(topic.id, partition)
  if (!bounds) {
    const message = `The log of ${name} cannot be used at the moment.`
    return refuse('KAFKA_STORAGE_ERROR', message, resource)
  }
  const offset = command.offset === -1 ? bounds.highWatermark : command.offset
  if (offset < 0 || offset > bounds.highWatermark) {
    const message = `Offset ${command.offset} of ${name} is outside of ${bounds.logStartOffset} to ${bounds.highWatermark}.`
    return refuse('OFFSET_OUT_OF_RANGE', message, resource)
  }
  const intent = state.seq + 1
  return {
    error: 'NONE',
    resource,
    before: { logStartOffset: bounds.logStartOffset },
    after: { phase: 'intent', intent, topicId: topic.id, partition, offset },
    reversal: 'none',
    result: { logStartOffset: Math.max(offset, bounds.logStartOffset) },
  }
}
