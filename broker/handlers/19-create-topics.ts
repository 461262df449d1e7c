import type { Encodable } from '../../protocol/index.ts'
import { CreateTopicsRequest, CreateTopicsResponse, errors } from '../../protocol/index.ts'
import type { CreateTopic, Outcome } from '../control/index.ts'
import { describeTopicConfigs } from '../control/index.ts'
import { accessOf } from './authorize.ts'
import { configSourceCode, repeated } from './config-resources.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'
import { observeMalformed } from './malformed-attempts.ts'
import { executeWithinQuota } from './mutation-throttling.ts'
import type { BrokerServices } from './services.ts'

type AskedTopic = CreateTopicsRequest['topics'][number]
type TopicAnswer = Encodable<typeof CreateTopicsResponse>['topics'][number]

/** KIP-599: clients before are served, and held for it. */
const FIRST_WITH_THROTTLING_ERROR = 6

/**
 * CreateTopics v0-v7 (KIP-4, KIP-464, KIP-525, KIP-516, KIP-599): creates topics, each for itself, in one
 * atomic piece of the history. There is one broker, so a replication factor above 1 and assignments
 * to other brokers are refused. The answer comes when the topics can be produced to.
 */
export const createTopics = defineHandler(
  CreateTopicsRequest,
  CreateTopicsResponse,
  {
    versions: '0-7',
    stage: 'ordered',
    permissions: [
      { operation: 'CREATE', resource: 'CLUSTER' },
      { operation: 'CREATE', resource: 'TOPIC' },
      { operation: 'DESCRIBE_CONFIGS', resource: 'TOPIC' },
    ],
    notes: [
      'Configurations that have no effect here are refused with INVALID_CONFIG unless they have their default value.',
      'glasslog.replication.factor.clamp makes 1 of every replication factor.',
    ],
    skipped: ['timeoutMs: the answer comes when the history is durable, however long that takes.'],
  },
  async ({ topics, validateOnly }, context, broker) => {
    const duplicates = repeated(topics, ({ name }) => name)
    if (duplicates.size > 0 && !validateOnly) observeMalformed('topic.create', context, broker)
    const asked = topics.filter((topic) => !duplicates.has(topic))
    const outcomes = await executeWithinQuota(asked.map(commandOf), context, broker, {
      strictSince: FIRST_WITH_THROTTLING_ERROR,
      validateOnly,
    })
    const access = accessOf(context, broker)
    const answers = asked.map(({ name }, index) => {
      const maySeeConfigs = access.may('DESCRIBE_CONFIGS', 'TOPIC', name)
      return answerOf(name, outcomes[index], maySeeConfigs, broker)
    })
    const duplicateNames = new Set([...duplicates].map(({ name }) => name))
    return { topics: [...answers, ...[...duplicateNames].map(duplicateAnswer)] }
  },
)

function commandOf(topic: AskedTopic): CreateTopic {
  const { name, numPartitions, replicationFactor, assignments, configs } = topic
  return {
    kind: 'topic.create',
    name,
    partitionCount: numPartitions,
    replicationFactor,
    assignments: assignments.map(({ partitionIndex, brokerIds }) => ({
      partition: partitionIndex,
      brokerIds,
    })),
    configs,
  }
}

function answerOf(
  name: string,
  outcome: Outcome<CreateTopic> | undefined,
  maySeeConfigs: boolean,
  broker: BrokerServices,
): TopicAnswer {
  const topic = outcome?.after
  const answer = {
    name,
    errorCode: errorCodeOf(outcome?.error ?? 'UNKNOWN_SERVER_ERROR'),
    errorMessage: outcome?.message ?? null,
  }
  if (!topic) return { ...answer, configs: [] }
  if (!maySeeConfigs) {
    const topicConfigErrorCode = errors.TOPIC_AUTHORIZATION_FAILED.code
    return { ...answer, topicId: topic.id, topicConfigErrorCode, configs: [] }
  }
  const entries = describeTopicConfigs(topic, broker.control.config.layers, null)
  return {
    ...answer,
    topicId: topic.id,
    numPartitions: topic.partitionCount,
    replicationFactor: 1,
    configs: entries.map((entry) => ({
      name: entry.name,
      value: entry.value,
      readOnly: entry.readOnly,
      configSource: configSourceCode(entry.source),
      isSensitive: entry.secret,
    })),
  }
}

function duplicateAnswer(name: string): TopicAnswer {
  return {
    name,
    errorCode: errors.INVALID_REQUEST.code,
    errorMessage: 'Duplicate topic name.',
    configs: [],
  }
}
