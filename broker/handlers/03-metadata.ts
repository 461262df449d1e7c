import { ZERO_UUID } from '../../kit/index.ts'
import type { Encodable, ErrorName } from '../../protocol/index.ts'
import { errors, MetadataRequest, MetadataResponse } from '../../protocol/index.ts'
import type { CreateTopic, Topic } from '../control/index.ts'
import { topicNameFault } from '../control/index.ts'
import { actorOf } from './actor.ts'
import { CLUSTER_OPERATIONS, NOT_ASKED, TOPIC_OPERATIONS } from './authorized-operations.ts'
import { errorCodeOf } from './error-code.ts'
import type { RequestContext } from './handler.ts'
import { defineHandler } from './handler.ts'
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
 * request and `auto.create.topics.enable` both allow it; the answer waits for it. A partition whose
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
    const operations = request.includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : NOT_ASKED
    return {
      brokers: [{ nodeId: id, ...broker.node.endpoint(context.connection), rack }],
      clusterId: broker.control.state.clusterId,
      controllerId: id,
      topics:
        context.apiVersion >= 8
          ? topics.map((topic) => ({ ...topic, topicAuthorizedOperations: operations }))
          : topics,
      ...(request.includeClusterAuthorizedOperations
        ? { clusterAuthorizedOperations: CLUSTER_OPERATIONS }
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
  if (wantsAll) return [...state.topics.values()].map((topic) => describe(broker, topic))

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
      return topic ? describe(broker, topic) : refused('UNKNOWN_TOPIC_ID', null, id)
    })
  }
  const names = new Set(topics.map(({ name }) => name ?? ''))
  const mayCreate = allowAutoTopicCreation && config.values.autoCreateTopicsEnable
  const failures = mayCreate ? await create(missing(names, broker), context, broker) : new Map()
  return [...names].map((name) => byName(broker, name, failures))
}

function missing(names: ReadonlySet<string>, broker: BrokerServices): string[] {
  return [...names].filter((name) => !broker.control.state.topics.has(name))
}

/** Creates topics on first use; answers the codes of those that could not be. */
async function create(
  names: readonly string[],
  context: RequestContext,
  broker: BrokerServices,
): Promise<ReadonlyMap<string, number>> {
  const failures = new Map<string, number>()
  if (names.length === 0) return failures
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
  const outcomes = await broker.control.execute(commands, actorOf(context))
  for (const [index, name] of names.entries()) {
    const code = errorCodeOf(outcomes[index]?.error ?? 'UNKNOWN_SERVER_ERROR')
    if (code !== errors.NONE.code) failures.set(name, code)
  }
  return failures
}

function byName(
  broker: BrokerServices,
  name: string,
  failures: ReadonlyMap<string, number>,
): TopicAnswer {
  const topic = broker.control.state.topics.get(name)
  if (topic) return describe(broker, topic)
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
