import { ZERO_UUID } from '../../kit/index.ts'
import type { Encodable } from '../../protocol/index.ts'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
  errors,
} from '../../protocol/index.ts'
import { topicNameFault } from '../control/index.ts'
import { accessOf, isAllowed } from './authorize.ts'
import { authorizedOperations } from './authorized-operations.ts'
import { CloseConnection, defineHandler } from './handler.ts'
import { partitionState } from './partition-state.ts'
import type { BrokerServices } from './services.ts'

type Answer = Encodable<typeof DescribeTopicPartitionsResponse>
type TopicAnswer = Answer['topics'][number]

/**
 * DescribeTopicPartitions v0 (KIP-966): topics in the order of their names, page by page: at most as
 * many partitions as the request and `max.request.partition.size.limit` allow, then a cursor to go
 * on from. No topics asked for means all. There are no eligible leader replicas to show, as every
 * partition has one replica.
 *
 * A cursor that points outside of the topics asked for, or to a negative partition, has no error
 * code in the response; as in Kafka nothing sensible can be answered, and the connection is closed.
 */
export const describeTopicPartitions = defineHandler(
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
  {
    versions: '0',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE', resource: 'TOPIC' }],
  },
  ({ topics, cursor, responsePartitionLimit }, context, broker) => {
    const wantsAll = topics.length === 0
    const access = accessOf(context, broker)
    const isVisible = (name: string): boolean =>
      wantsAll
        ? access.may('DESCRIBE', 'TOPIC', name)
        : isAllowed(context, broker, 'DESCRIBE', 'TOPIC', name)
    const names = wantsAll
      ? [...broker.control.state.topics.keys()]
      : [...new Set(topics.map(({ name }) => name))]
    if (cursor && !wantsAll && !names.includes(cursor.topicName)) {
      throw new CloseConnection(`cursor at a topic that was not asked for: ${cursor.topicName}`)
    }
    if (cursor && cursor.partitionIndex < 0) {
      throw new CloseConnection(`cursor at partition ${cursor.partitionIndex}`)
    }
    const { maxRequestPartitionSizeLimit } = broker.control.config.values
    const limit = Math.max(1, Math.min(responsePartitionLimit, maxRequestPartitionSizeLimit))
    const from = cursor ?? { topicName: '', partitionIndex: 0 }
    const ahead = names.filter((name) => name >= from.topicName)
    const visible = ahead.filter(isVisible)
    const operationsOn = (name: string) => authorizedOperations(context, broker, 'TOPIC', name)
    const answer = page({ broker, operationsOn }, visible.sort(), from, limit)
    if (wantsAll) return answer
    const shown = new Set(visible)
    const denied = ahead.filter((name) => !shown.has(name)).map(deniedAnswer)
    return { ...answer, topics: [...answer.topics, ...denied] }
  },
)

/** The broker as one client may see it. */
interface View {
  readonly broker: BrokerServices
  readonly operationsOn: (topic: string) => number
}

function deniedAnswer(name: string): TopicAnswer {
  const errorCode = errors.TOPIC_AUTHORIZATION_FAILED.code
  return { errorCode, name, topicId: ZERO_UUID, partitions: [] }
}

interface Cursor {
  readonly topicName: string
  readonly partitionIndex: number
}

function page(view: View, names: readonly string[], from: Cursor, limit: number): Answer {
  const topics: TopicAnswer[] = []
  let left = limit
  for (const name of names) {
    if (left === 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } }
    const first = name === from.topicName ? from.partitionIndex : 0
    const answer = describe(view, name, first, left)
    topics.push(answer.topic)
    left -= answer.topic.partitions.length
    if (answer.next !== null) {
      return { topics, nextCursor: { topicName: name, partitionIndex: answer.next } }
    }
  }
  return { topics, nextCursor: null }
}

function describe(
  { broker, operationsOn }: View,
  name: string,
  first: number,
  limit: number,
): { readonly topic: TopicAnswer; readonly next: number | null } {
  const topic = broker.control.state.topics.get(name)
  if (!topic) {
    const error = topicNameFault(name)
      ? errors.INVALID_TOPIC_EXCEPTION
      : errors.UNKNOWN_TOPIC_OR_PARTITION
    const unknown = { errorCode: error.code, name, topicId: ZERO_UUID, partitions: [] }
    return { topic: { ...unknown, topicAuthorizedOperations: operationsOn(name) }, next: null }
  }
  const end = Math.min(topic.partitionCount, first + limit)
  const partitions = []
  for (let index = first; index < end; index++) {
    const state = partitionState(broker, topic, index)
    partitions.push({ ...state, eligibleLeaderReplicas: [], lastKnownElr: [] })
  }
  return {
    topic: {
      errorCode: errors.NONE.code,
      name,
      topicId: topic.id,
      isInternal: topic.internal,
      partitions,
      topicAuthorizedOperations: operationsOn(name),
    },
    next: end < topic.partitionCount ? end : null,
  }
}
