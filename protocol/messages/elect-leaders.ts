import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int8,
  int32,
  partitionIndex,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'

const TopicPartitions = {
  topic: topicName(),
  partitions: array(partitionIndex()),
}

/**
 * Elects leaders by hand: the preferred replica (KIP-183), or any at the risk of loss (KIP-460).
 */
export const ElectLeadersRequest = request(
  43,
  'ElectLeaders',
  versions('0-2', { flexible: '2+' }),
  {
    /** 0: preferred, 1: unclean. */
    electionType: int8({ versions: '1+' }),
    /** Null for all. */
    topicPartitions: array(TopicPartitions, { nullable: '0+' }),
    timeoutMs: int32({ default: 60000 }),
  },
)
export interface ElectLeadersRequest extends TypeOf<typeof ElectLeadersRequest> {}

export const ElectLeadersResponse = response(
  43,
  'ElectLeaders',
  versions('0-2', { flexible: '2+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode({ versions: '1+' }),
    replicaElectionResults: array({
      topic: topicName(),
      partitionResult: array({
        partitionId: partitionIndex(),
        errorCode: errorCode(),
        errorMessage: string({ nullable: '0+' }),
      }),
    }),
  },
)
export interface ElectLeadersResponse extends TypeOf<typeof ElectLeadersResponse> {}
