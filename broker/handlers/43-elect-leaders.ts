import { abbreviate } from '../../kit/index.ts'
import { ElectLeadersRequest, ElectLeadersResponse, errors } from '../../protocol/index.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { MAX_MESSAGE_LENGTH } from './config-resources.ts'
import { defineHandler } from './handler.ts'
import type { BrokerServices } from './services.ts'

/** Preferred and unclean, by number on the wire. */
const ELECTION_TYPES: ReadonlySet<number> = new Set([0, 1])

/**
 * ElectLeaders v0-v2 (KIP-183, KIP-460): every partition is led by the one broker that there is,
 * which is its preferred leader, so no election is ever needed. When all partitions are asked for,
 * those that need none are left out, as in Kafka.
 */
export const electLeaders = defineHandler(
  ElectLeadersRequest,
  ElectLeadersResponse,
  {
    versions: '0-2',
    stage: 'ordered',
    permissions: [{ operation: 'ALTER', resource: 'CLUSTER' }],
    notes: ['Answers ELECTION_NOT_NEEDED: the one broker leads every partition.'],
  },
  ({ electionType, topicPartitions }, context, broker) => {
    const { apiVersion } = context
    if (!isAllowedOnCluster(context, broker, 'ALTER')) return denied(topicPartitions)
    if (apiVersion > 0 && !ELECTION_TYPES.has(electionType)) {
      return { errorCode: errors.INVALID_REQUEST.code, replicaElectionResults: [] }
    }
    if (topicPartitions === null) {
      const topics = [...broker.control.state.topics.keys()]
      return { replicaElectionResults: topics.map((topic) => ({ topic, partitionResult: [] })) }
    }
    return {
      replicaElectionResults: topicPartitions.map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => electionOf(topic, partitionId, broker)),
      })),
    }
  },
)

/** Versions without an error of the whole have one with every partition. */
function denied(asked: ElectLeadersRequest['topicPartitions']) {
  const errorCode = errors.CLUSTER_AUTHORIZATION_FAILED.code
  return {
    errorCode,
    replicaElectionResults: (asked ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({
        partitionId,
        errorCode,
        errorMessage: null,
      })),
    })),
  }
}

function electionOf(topic: string, partitionId: number, broker: BrokerServices) {
  const partitionCount = broker.control.state.topics.get(topic)?.partitionCount
  if (partitionCount === undefined) {
    const errorMessage = `No such topic as ${abbreviate(topic, MAX_MESSAGE_LENGTH)}`
    return { partitionId, errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code, errorMessage }
  }
  if (partitionId < 0 || partitionId >= partitionCount) {
    const errorMessage = `No such partition as ${topic}-${partitionId}`
    return { partitionId, errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code, errorMessage }
  }
  return { partitionId, errorCode: errors.ELECTION_NOT_NEEDED.code, errorMessage: null }
}
