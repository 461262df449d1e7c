import { ZERO_UUID } from '../../kit/index.ts'
import type { Encodable, ErrorName } from '../../protocol/index.ts'
import { errors, MetadataRequest, MetadataResponse } from '../../protocol/index.ts'
import type { CreateTopic, Topic } from '../control/index.ts'
import { CLUSTER_RESOURCE_NAME, topicNameFault } from '../control/index.ts'
import { accessOf, isAllowed, observeDenial } from './authorize.ts'
import { authorizedOperations, clusterOperations, NOT_ASKED } from './authorized-operations.ts'
import { errorCodeOf } from './error-code.ts'
import type { RequestContext } from './handler.ts'
import { defineHandler } from './handler.ts'
import { executeWithinQuota } from './mutation-throttling.ts'
import { partitionState } from './partition-state.ts'
import type { BrokerServices } from './services.ts'

type TopicAnswer = Encodable<typeof MetadataResponse>['topics'][number]

/** Before this version the field for a topic's id was there, but brokers did not accept it. */
const FIRST_WITH_TOPIC_IDS = 12

/**
 * Metadata v0-v13 (KIP-4, KIP-430, KIP-516, KIP-700, KIP-1102): this broker, which leads every
 * partition, and the topics asked for: all of them (null, or in v0 an empty list), or some by name
 * or, from v12, by id.
 *
 * A name that does not exist is created by the control plane, with a record like any other, if the
 * request and `auto.create.topics.enable` both allow it, within the client's quota of topic changes
 * (KIP-599); the answer waits for it. A partition whose
 * log is quarantined has no leader and its only replica is offline.
 */
export const metadata = defineHandler(
  MetadataRequest,
  MetadataResponse,
  {
    versions: '0-13',
    stage: 'ordered',
    permissions: [
      { operation: 'DESCRIBE', resource: 'TOPIC' },
      { operation: 'CREATE', resource: 'TOPIC' },
    ],
    notes: ['A topic that is created on first use is in the answer at once.'],
  },
  async (request, context, broker) => {
    const topics = await topicsOf(request, context, broker)
    const { id, rack } = broker.node
    const operationsOn = (name: string | null | undefined): number =>
      request.includeTopicAuthorizedOperations && name != null
        ? authorizedOperations(context, broker, 'TOPIC', name)
        : NOT_ASKED
    return {
      brokers: [{ nodeId: id, ...broker.node.endpoint(context.connection), rack }],
      clusterId: broker.control.state.clusterId,
      controllerId: id,
      topics:
        context.apiVersion >= 8
          ? topics.map((topic) => ({
              ...topic,
              topicAuthorizedOperations: operationsOn(topic.name),
            }))
          : topics,
      ...(request.includeClusterAuthorizedOperations
        ? { clusterAuthorizedOperations: clusterOperations(context, broker) }
        : {}),
    }
  },
)

async function topicsOf(
  { topics, allowAutoTopicCreation }: MetadataRequest,
  context: RequestContext,
  broker: BrokerServices,
): Promise<TopicAnswer[]> {
  const { state, config } = broker.control
  const wantsAll = topics === null || (context.apiVersion === 0 && topics.length === 0)
  const access = accessOf(context, broker)
  if (wantsAll) {
    return [...state.topics.values()]
      .filter(({ name }) => access.may('DESCRIBE', 'TOPIC', name))
      .map((topic) => describe(broker, topic))
  }

  const faulty = topics.filter(
    ({ name, topicId }) =>
      context.apiVersion < FIRST_WITH_TOPIC_IDS && (name === null || topicId !== ZERO_UUID),
  )
  if (faulty.length > 0) {
    return topics.map(({ name, topicId }) => refused('INVALID_REQUEST', name ?? '', topicId))
  }
  // As in Kafka, names are not looked at once a request asks by id.
  const ids = new Set(topics.map(({ topicId }) => topicId).filter((id) => id !== ZERO_UUID))
  if (ids.size > 0) {
    return [...ids].map((id) => {
      const topic = state.topicsById.get(id)
      if (!topic) return refused('UNKNOWN_TOPIC_ID', null, id)
      return isAllowed(context, broker, 'DESCRIBE', 'TOPIC', topic.name)
        ? describe(broker, topic)
        : refused('TOPIC_AUTHORIZATION_FAILED', null, id)
    })
  }
  const names = new Set(topics.map(({ name }) => name ?? ''))
  const failures = new Map<string, number>()
  for (const name of names) {
    if (!isAllowed(context, broker, 'DESCRIBE', 'TOPIC', name)) failures.set(name, DENIED)
  }
  if (allowAutoTopicCreation && config.values.autoCreateTopicsEnable) {
    const wanted = missing(names, broker).filter((name) => !failures.has(name))
    await create(creatable(wanted, context, broker, failures), context, broker, failures)
  }
  return [...names].map((name) => byName(broker, name, failures))
}

const DENIED = errors.TOPIC_AUTHORIZATION_FAILED.code

/** Those that the client may create; the others are answered so. */
function creatable(
  names: readonly string[],
  context: RequestContext,
  broker: BrokerServices,
  failures: Map<string, number>,
): readonly string[] {
  const access = accessOf(context, broker)
  if (access.may('CREATE', 'CLUSTER', CLUSTER_RESOURCE_NAME)) return names
  return names.filter((name) => {
    if (access.may('CREATE', 'TOPIC', name)) return true
    observeDenial(context, broker, 'CREATE', 'TOPIC', name)
    failures.set(name, DENIED)
    return false
  })
}

function missing(names: ReadonlySet<string>, broker: BrokerServices): string[] {
  return [...names].filter((name) => !broker.control.state.topics.has(name))
}

/** Creates topics on first use; adds the codes of those that could not be. */
async function create(
  names: readonly string[],
  context: RequestContext,
  broker: BrokerServices,
  failures: Map<string, number>,
): Promise<void> {
  if (names.length === 0) return
  const commands = names.map(
    (name): CreateTopic => ({
      kind: 'topic.create',
      name,
      partitionCount: -1,
      replicationFactor: -1,
      assignments: [],
      configs: [],
      automatic: true,
    }),
  )
  const outcomes = await executeWithinQuota(commands, context, broker, { strictSince: 0 })
  for (const [index, name] of names.entries()) {
    const error = outcomes[index]?.error ?? 'UNKNOWN_SERVER_ERROR'
    // It is not there yet: clients ask for it again, and few know the error of quotas in this answer.
    if (error === 'NONE' || error === 'THROTTLING_QUOTA_EXCEEDED') continue
    failures.set(name, errorCodeOf(error))
  }
}

function byName(
  broker: BrokerServices,
  name: string,
  failures: ReadonlyMap<string, number>,
): TopicAnswer {
  const topic = broker.control.state.topics.get(name)
  if (topic && failures.get(name) !== DENIED) return describe(broker, topic)
  const unknown = topicNameFault(name) ? 'INVALID_TOPIC_EXCEPTION' : 'UNKNOWN_TOPIC_OR_PARTITION'
  const answer = refused(unknown, name, ZERO_UUID)
  const errorCode = failures.get(name)
  return errorCode === undefined ? answer : { ...answer, errorCode }
}

function describe(broker: BrokerServices, topic: Topic): TopicAnswer {
  return {
    errorCode: errors.NONE.code,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.internal,
    partitions: Array.from({ length: topic.partitionCount }, (_, index) =>
      partitionState(broker, topic, index),
    ),
  }
}

function refused(error: ErrorName, name: string | null, topicId: string): TopicAnswer {
  return { errorCode: errors[error].code, name, topicId, partitions: [] }
}
