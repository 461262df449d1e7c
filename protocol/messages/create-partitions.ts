import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  brokerId,
  errorCode,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'

const CreatePartitionsAssignment = {
  brokerIds: array(brokerId()),
}

/** Raises the number of partitions of topics (KIP-195). `count` is the new total. */
export const CreatePartitionsRequest = request(
  37,
  'CreatePartitions',
  versions('0-3', { flexible: '2+' }),
  {
    topics: array({
      name: topicName(),
      count: int32(),
      /** Brokers of the new partitions; null to let the broker choose. */
      assignments: array(CreatePartitionsAssignment, { nullable: '0+' }),
    }),
    timeoutMs: int32(),
    validateOnly: bool(),
  },
)
export interface CreatePartitionsRequest extends TypeOf<typeof CreatePartitionsRequest> {}

export const CreatePartitionsResponse = response(
  37,
  'CreatePartitions',
  versions('0-3', { flexible: '2+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    results: array({
      name: topicName(),
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+', default: null }),
    }),
  },
)
export interface CreatePartitionsResponse extends TypeOf<typeof CreatePartitionsResponse> {}
