import { abbreviate } from '../../kit/index.ts'
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
  errors,
} from '../../protocol/index.ts'
import { assignmentFault } from '../control/index.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { MAX_MESSAGE_LENGTH } from './config-resources.ts'
import { defineHandler } from './handler.ts'
import type { BrokerServices } from './services.ts'

type AskedPartition = AlterPartitionReassignmentsRequest['topics'][number]['partitions'][number]

/**
 * AlterPartitionReassignments v0-v1 (KIP-455): a partition can only be where it is, on the one
 * broker that there is, so asking for that succeeds at once and asking for anything else is refused.
 */
export const alterPartitionReassignments = defineHandler(
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
  {
    versions: '0-1',
    stage: 'ordered',
    permissions: [{ operation: 'ALTER', resource: 'CLUSTER' }],
    notes: ['There is one broker: nothing can be moved, and no reassignment is ever in progress.'],
  },
  ({ topics, allowReplicationFactorChange }, context, broker) => {
    const change = context.apiVersion > 0 ? { allowReplicationFactorChange } : {}
    if (!isAllowedOnCluster(context, broker, 'ALTER')) {
      const { code, message } = errors.CLUSTER_AUTHORIZATION_FAILED
      return { ...change, errorCode: code, errorMessage: message, responses: [] }
    }
    return {
      ...change,
      errorCode: errors.NONE.code,
      errorMessage: null,
      responses: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((partition) => reassignmentOf(name, partition, broker)),
      })),
    }
  },
)

function reassignmentOf(
  topic: string,
  { partitionIndex, replicas }: AskedPartition,
  { control, node }: BrokerServices,
) {
  const partitionCount = control.state.topics.get(topic)?.partitionCount
  if (partitionCount === undefined) {
    const errorMessage = `Unable to find a topic named ${abbreviate(topic, MAX_MESSAGE_LENGTH)}.`
    return { partitionIndex, errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code, errorMessage }
  }
  if (partitionIndex < 0 || partitionIndex >= partitionCount) {
    const errorMessage = `Unable to find partition ${topic}:${partitionIndex}.`
    return { partitionIndex, errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code, errorMessage }
  }
  if (replicas === null) {
    const { code, message } = errors.NO_REASSIGNMENT_IN_PROGRESS
    return { partitionIndex, errorCode: code, errorMessage: message }
  }
  const errorMessage = assignmentFault(replicas, node.id)
  const error = errorMessage === null ? errors.NONE : errors.INVALID_REPLICA_ASSIGNMENT
  return { partitionIndex, errorCode: error.code, errorMessage }
}
