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

/**
 * Finds offsets by time. Version 0 asks for several segment starts; from 1 on it is one offset with
 * its timestamp. Version 2 adds isolation, 7 the largest timestamp (KIP-734), 8 and 9 tiered
 * storage.
 */
export const ListOffsetsRequest = request(2, 'ListOffsets', versions('0-10', { flexible: '6+' }), {
  replicaId: brokerId(),
  /** With 1 the latest offset is the last stable one. */
  isolationLevel: int8({ versions: '2+' }),
  topics: array({
    name: topicName(),
    partitions: array({
      partitionIndex: partitionIndex(),
      currentLeaderEpoch: leaderEpoch({ versions: '4+', default: -1, ignorable: true }),
      /**
       * -1: latest, -2: earliest, -3: of the largest timestamp, -4: earliest on local disk, -5:
       * latest in remote storage.
       */
      timestamp: timestamp(),
      /** How many offsets the client wants at most. */
      maxNumOffsets: int32({ versions: '0', default: 1 }),
    }),
  }),
  /** How long to wait for remote storage. */
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
        /** Starts of segments, newest first, that satisfy the time asked for. */
        oldStyleOffsets: array(offset(), { versions: '0' }),
        /** Of the record found; -1 when there is none. */
        timestamp: timestamp({ versions: '1+', default: -1 }),
        /** -1 when no record satisfies the time asked for. */
        offset: offset({ versions: '1+', default: -1 }),
        leaderEpoch: leaderEpoch({ versions: '4+', default: -1 }),
      }),
    }),
  },
)
export interface ListOffsetsResponse extends TypeOf<typeof ListOffsetsResponse> {}
