import type { TypeOf } from '../schema/index.ts'
import {
  array,
  brokerId,
  errorCode,
  leaderEpoch,
  offset,
  partitionIndex,
  request,
  response,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'

export const OffsetForLeaderEpochRequest = request(
  23,
  'OffsetForLeaderEpoch',
  versions('0-4', { flexible: '4+' }),
  {
    replicaId: brokerId({ versions: '3+', default: -2, ignorable: true }),
    topics: array({
      topic: topicName(),
      partitions: array({
        partition: partitionIndex(),
        currentLeaderEpoch: leaderEpoch({ versions: '2+', default: -1, ignorable: true }),
        leaderEpoch: leaderEpoch(),
      }),
    }),
  },
)
export interface OffsetForLeaderEpochRequest extends TypeOf<typeof OffsetForLeaderEpochRequest> {}

export const OffsetForLeaderEpochResponse = response(
  23,
  'OffsetForLeaderEpoch',
  versions('0-4', { flexible: '4+' }),
  {
    throttleTimeMs: throttleTimeMs({ versions: '2+', ignorable: true }),
    topics: array({
      topic: topicName(),
      partitions: array({
        errorCode: errorCode(),
        partition: partitionIndex(),
        leaderEpoch: leaderEpoch({ versions: '1+', default: -1, ignorable: true }),
        endOffset: offset({ default: -1 }),
      }),
    }),
  },
)
export interface OffsetForLeaderEpochResponse extends TypeOf<typeof OffsetForLeaderEpochResponse> {}
