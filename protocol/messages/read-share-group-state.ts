import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int8,
  int16,
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

/** From a partition's leader to the share coordinator: the state of share partitions (KIP-932). */
export const ReadShareGroupStateRequest = request(
  84,
  'ReadShareGroupState',
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
export interface ReadShareGroupStateRequest extends TypeOf<typeof ReadShareGroupStateRequest> {}

export const ReadShareGroupStateResponse = response(
  84,
  'ReadShareGroupState',
  versions('0', { flexible: '0+' }),
  {
    results: array({
      topicId: uuid(),
      partitions: array({
        partition: partitionIndex(),
        errorCode: errorCode(),
        errorMessage: string({ nullable: '0+', default: null }),
        stateEpoch: int32(),
        startOffset: offset(),
        stateBatches: array({
          firstOffset: offset(),
          lastOffset: offset(),
          deliveryState: int8(),
          deliveryCount: int16(),
        }),
      }),
    }),
  },
)
export interface ReadShareGroupStateResponse extends TypeOf<typeof ReadShareGroupStateResponse> {}
