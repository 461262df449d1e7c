import type { Resource } from '../../../audit/index.ts'
import type { DeleteTopic, PurgeTopic, RestoreTopic } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { DeletedTopic, Topic } from '../port.ts'
import { topicNameFault } from '../topic-name.ts'
import type { Decision, DecisionContext } from './decision.ts'
import { refuse } from './decision.ts'
import { refuseTooMany, refuseTopicName, topicResource } from './topics.ts'

/**
 * The topic is out of sight and its name free; its logs stay until the purge. When there is no time
 * to restore it, or no space to keep it, the deletion is the intent of the purge as well.
 */
export function decideDeleteTopic(
  state: FoldedState,
  command: DeleteTopic,
  context: DecisionContext,
): Decision<DeleteTopic> {
  const { name, id, purgeNow } = command
  const { topics, topicsById } = state.tables
  const topic = id === undefined ? topics.get(name ?? '') : topicsById.get(id)
  const resource: Resource = topic
    ? topicResource(topic.name, topic)
    : { kind: 'topic', name: name ?? '', id: id ?? null }
  if (!context.broker.deleteTopicEnable) {
    return refuse('TOPIC_DELETION_DISABLED', 'Topic deletion is disabled.', resource)
  }
  if (!topic) {
    return id === undefined
      ? refuse('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`, resource)
      : refuse('UNKNOWN_TOPIC_ID', `No topic has the id ${id}.`, resource)
  }
  if (topic.internal) {
    const message = `The topic '${topic.name}' belongs to the broker and cannot be deleted.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  const retentionMs = purgeNow || context.isDiskFull ? 0 : context.broker.topicUndeleteRetentionMs
  const after: DeletedTopic = {
    ...topic,
    deletedAtMs: context.nowMs,
    purgeAtMs: context.nowMs + retentionMs,
    isPurging: retentionMs === 0,
  }
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(topic),
    after: resourceToJson(after),
    // What was produced meanwhile, or to a topic that took the name, is not part of it.
    reversal: retentionMs > 0 ? 'side-effects' : 'none',
    result: after,
  }
}

/** The topic is back as it was: id, configurations, records. Under another name when its own is taken. */
export function decideRestoreTopic(
  state: FoldedState,
  command: RestoreTopic,
  context: DecisionContext,
): Decision<RestoreTopic> {
  const { name, id, newName } = command
  const topic = deletedTopic(state, command)
  const resource: Resource = topic
    ? topicResource(topic.name, topic)
    : { kind: 'topic', name: name ?? '', id: id ?? null }
  if (!topic) {
    const which = id === undefined ? `named '${name}'` : `with the id ${id}`
    const message = `There is no deleted topic ${which} that could be restored.`
    return refuse(
      id === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'UNKNOWN_TOPIC_ID',
      message,
      resource,
    )
  }
  if (topic.isPurging) {
    const message = `The topic '${topic.name}' is being purged and cannot be restored.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  const wanted = newName ?? freeName(state, topic.name)
  const refused =
    refuseTopicName(state, wanted, false) ??
    refuseTooMany(state, topic.partitionCount, resource, context)
  if (refused) return { ...refused, resource }
  const { deletedAtMs: _deleted, purgeAtMs: _purge, isPurging: _purging, ...whole } = topic
  const after: Topic = { ...whole, name: wanted }
  return {
    error: 'NONE',
    resource: topicResource(wanted, after),
    before: resourceToJson(topic),
    after: resourceToJson(after),
    reversal: 'full',
    result: after,
  }
}

/** By name the one that was deleted last: several topics may have had the name, one after the other. */
function deletedTopic(state: FoldedState, { name, id }: RestoreTopic): DeletedTopic | undefined {
  const { deletedTopics } = state.tables
  if (id !== undefined) return deletedTopics.get(id)
  let latest: DeletedTopic | undefined
  for (const [, topic] of deletedTopics.entries()) {
    if (topic.name !== name || topic.isPurging) continue
    if (!latest || topic.deletedAtMs >= latest.deletedAtMs) latest = topic
  }
  return latest
}

/** The name itself, or one after it that nobody has taken. */
function freeName(state: FoldedState, name: string): string {
  if (!state.tables.topics.get(name)) return name
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '-restored' : `-restored-${number}`
    const candidate = `${name}${suffix}`
    // When no longer name is legal either, the caller is told so and chooses one.
    if (topicNameFault(candidate) !== null || refuseTopicName(state, candidate, false) === null) {
      return candidate
    }
  }
}

/**
 * The decision is the intent: from now on nobody can restore the topic. Its logs are removed once
 * the record is durable, and a second record says that they are gone.
 */
export function decidePurgeTopic(state: FoldedState, { id }: PurgeTopic): Decision<PurgeTopic> {
  const topic = state.tables.deletedTopics.get(id)
  const resource: Resource = topic
    ? topicResource(topic.name, topic)
    : { kind: 'topic', name: '', id }
  if (!topic) return refuse('UNKNOWN_TOPIC_ID', `No deleted topic has the id ${id}.`, resource)
  const after: DeletedTopic = { ...topic, isPurging: true }
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(topic),
    after: resourceToJson(after),
    reversal: 'none',
    result: null,
  }
}
