import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int32,
  offset,
  partitionIndex,
  producerId,
  request,
  response,
  string,
  throttleTimeMs,
  timestamp,
  topicName,
  versions,
} from '../schema/index.ts'

/** The idempotent and transactional producers that partitions remember (KIP-664). */
export const DescribeProducersRequest = request(
  61,
  'DescribeProducers',
  versions('0', { flexible: '0+' }),
  {
    topics: array({
      name: topicName(),
      partitionIndexes: array(partitionIndex()),
    }),
  },
)
export interface DescribeProducersRequest extends TypeOf<typeof DescribeProducersRequest> {}

export const DescribeProducersResponse = response(
  61,
  'DescribeProducers',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    topics: array({
      name: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        errorCode: errorCode(),
        errorMessage: string({ nullable: '0+', default: null }),
        activeProducers: array({
          producerId: producerId(),
          producerEpoch: int32(),
          lastSequence: int32({ default: -1 }),
          lastTimestamp: timestamp({ default: -1 }),
          coordinatorEpoch: int32(),
          /** -1 for no transaction. */
          currentTxnStartOffset: offset({ default: -1 }),
        }),
      }),
    }),
  },
)
export interface DescribeProducersResponse extends TypeOf<typeof DescribeProducersResponse> {}
