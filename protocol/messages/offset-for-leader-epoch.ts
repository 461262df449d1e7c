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

/**
 * Asks where the epochs of a leader ended, to find out whether logs have diverged (KIP-101,
 * KIP-320).
 */
export const OffsetForLeaderEpochRequest = request(
  23,
  'OffsetForLeaderEpoch',
  versions('0-4', { flexible: '4+' }),
  {
    /** -1 from consumers, -2 from debugging tools. */
    replicaId: brokerId({ versions: '3+', default: -2, ignorable: true }),
    topics: array({
      topic: topicName(),
      partitions: array({
        partition: partitionIndex(),
        currentLeaderEpoch: leaderEpoch({ versions: '2+', default: -1, ignorable: true }),
        /** The epoch whose end is wanted. */
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
        /** The largest epoch not above the one asked for; -1 for none. */
        leaderEpoch: leaderEpoch({ versions: '1+', default: -1, ignorable: true }),
        /** Where it ended: the offset after its last record; -1 for unknown. */
        endOffset: offset({ default: -1 }),
      }),
    }),
  },
)
export interface OffsetForLeaderEpochResponse extends TypeOf<typeof OffsetForLeaderEpochResponse> {}
