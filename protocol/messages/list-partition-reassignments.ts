import type { TypeOf } from '../schema/index.ts'
import {
  array,
  brokerId,
  errorCode,
  int32,
  partitionIndex,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'

const ListPartitionReassignmentsTopics = {
  name: topicName(),
  partitionIndexes: array(partitionIndex()),
}

/** Lists reassignments that are under way (KIP-455). */
export const ListPartitionReassignmentsRequest = request(
  46,
  'ListPartitionReassignments',
  versions('0', { flexible: '0+' }),
  {
    timeoutMs: int32({ default: 60000 }),
    /** Null for all. */
    topics: array(ListPartitionReassignmentsTopics, { nullable: '0+', default: null }),
  },
)
export interface ListPartitionReassignmentsRequest
  extends TypeOf<typeof ListPartitionReassignmentsRequest> {}

export const ListPartitionReassignmentsResponse = response(
  46,
  'ListPartitionReassignments',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
    topics: array({
      name: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        replicas: array(brokerId()),
        addingReplicas: array(brokerId()),
        removingReplicas: array(brokerId()),
      }),
    }),
  },
)
export interface ListPartitionReassignmentsResponse
  extends TypeOf<typeof ListPartitionReassignmentsResponse> {}
