import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
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

/** Starts, changes or cancels the reassignment of partitions to brokers (KIP-455). */
export const AlterPartitionReassignmentsRequest = request(
  45,
  'AlterPartitionReassignments',
  versions('0-1', { flexible: '0+' }),
  {
    timeoutMs: int32({ default: 60000 }),
    allowReplicationFactorChange: bool({ versions: '1+', default: true }),
    topics: array({
      name: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        /** Null to cancel. */
        replicas: array(brokerId(), { nullable: '0+', default: null }),
      }),
    }),
  },
)
export interface AlterPartitionReassignmentsRequest
  extends TypeOf<typeof AlterPartitionReassignmentsRequest> {}

export const AlterPartitionReassignmentsResponse = response(
  45,
  'AlterPartitionReassignments',
  versions('0-1', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    allowReplicationFactorChange: bool({ versions: '1+', default: true, ignorable: true }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
    responses: array({
      name: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        errorCode: errorCode(),
        errorMessage: string({ nullable: '0+' }),
      }),
    }),
  },
)
export interface AlterPartitionReassignmentsResponse
  extends TypeOf<typeof AlterPartitionReassignmentsResponse> {}
