import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int32,
  leaderEpoch,
  offset,
  partitionIndex,
  request,
  response,
  string,
  uuid,
  versions,
} from '../schema/index.ts'

/** Like ReadShareGroupState, without the ranges (KIP-932). */
export const ReadShareGroupStateSummaryRequest = request(
  87,
  'ReadShareGroupStateSummary',
  versions('0', { flexible: '0+' }),
  {
    groupId: string(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partition: partitionIndex(),
        leaderEpoch: leaderEpoch(),
      }),
    }),
  },
)
export interface ReadShareGroupStateSummaryRequest
  extends TypeOf<typeof ReadShareGroupStateSummaryRequest> {}

export const ReadShareGroupStateSummaryResponse = response(
  87,
  'ReadShareGroupStateSummary',
  versions('0', { flexible: '0+' }),
  {
    results: array({
      topicId: uuid(),
      partitions: array({
        partition: partitionIndex(),
        errorCode: errorCode(),
        errorMessage: string({ nullable: '0+', default: null }),
        stateEpoch: int32(),
        leaderEpoch: leaderEpoch(),
        startOffset: offset(),
      }),
    }),
  },
)
export interface ReadShareGroupStateSummaryResponse
  extends TypeOf<typeof ReadShareGroupStateSummaryResponse> {}
