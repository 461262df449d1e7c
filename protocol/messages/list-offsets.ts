import type { TypeOf } from '../schema/index.ts'
import {
  array,
  brokerId,
  errorCode,
  int8,
  int32,
  leaderEpoch,
  offset,
  partitionIndex,
  request,
  response,
  throttleTimeMs,
  timestamp,
  topicName,
  versions,
} from '../schema/index.ts'

export const ListOffsetsRequest = request(2, 'ListOffsets', versions('0-10', { flexible: '6+' }), {
  replicaId: brokerId(),
  isolationLevel: int8({ versions: '2+' }),
  topics: array({
    name: topicName(),
    partitions: array({
      partitionIndex: partitionIndex(),
      currentLeaderEpoch: leaderEpoch({ versions: '4+', default: -1, ignorable: true }),
      timestamp: timestamp(),
      maxNumOffsets: int32({ versions: '0', default: 1 }),
    }),
  }),
  timeoutMs: int32({ versions: '10+', ignorable: true }),
})
export interface ListOffsetsRequest extends TypeOf<typeof ListOffsetsRequest> {}

export const ListOffsetsResponse = response(
  2,
  'ListOffsets',
  versions('0-10', { flexible: '6+' }),
  {
    throttleTimeMs: throttleTimeMs({ versions: '2+', ignorable: true }),
    topics: array({
      name: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        errorCode: errorCode(),
        oldStyleOffsets: array(offset(), { versions: '0' }),
        timestamp: timestamp({ versions: '1+', default: -1 }),
        offset: offset({ versions: '1+', default: -1 }),
        leaderEpoch: leaderEpoch({ versions: '4+', default: -1 }),
      }),
    }),
  },
)
export interface ListOffsetsResponse extends TypeOf<typeof ListOffsetsResponse> {}
