import type { AlterTopicQuota } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { Topic } from '../port.ts'
import type { TopicQuota } from '../quotas.ts'
import type { Decision } from './decision.ts'
import { refuse } from './decision.ts'
import { topicResource } from './topics.ts'

/** The throttle is part of the topic: it goes and comes back with it. */
export function decideAlterTopicQuota(
  state: FoldedState,
  command: AlterTopicQuota,
): Decision<AlterTopicQuota> {
  const topic = state.tables.topics.get(command.name)
  const resource = topicResource(command.name, topic)
  if (!topic) {
    const message = `The topic '${command.name}' does not exist.`
    return refuse('UNKNOWN_TOPIC_OR_PARTITION', message, resource)
  }
  if (topic.internal) {
    const message = `The topic '${topic.name}' belongs to the broker and is not throttled.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  const { producerByteRate, consumerByteRate } = command
  const isRate = (rate: number): boolean => Number.isSafeInteger(rate) && rate > 0
  if (![producerByteRate ?? 1, consumerByteRate ?? 1].every(isRate)) {
    return refuse('INVALID_REQUEST', 'A byte rate is a whole number greater than 0.', resource)
  }
  const quota: TopicQuota = {
    producerByteRate: chosen(producerByteRate, topic.quota?.producerByteRate),
    consumerByteRate: chosen(consumerByteRate, topic.quota?.consumerByteRate),
  }
  const { quota: _, ...unthrottled } = topic
  const isThrottled = quota.producerByteRate !== null || quota.consumerByteRate !== null
  const after: Topic = isThrottled ? { ...unthrottled, quota } : unthrottled
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(topic),
    after: resourceToJson(after),
    reversal: 'full',
    result: after,
  }
}

function chosen(asked: number | null | undefined, current: number | null | undefined) {
  return asked === undefined ? (current ?? null) : asked
}
