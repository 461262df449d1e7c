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

/**
 * From a partition's leader to the share coordinator: acknowledged and acquired ranges (KIP-932).
 */
export const WriteShareGroupStateRequest = request(
  85,
  'WriteShareGroupState',
  versions('0', { flexible: '0+' }),
  {
    groupId: string(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partition: partitionIndex(),
        stateEpoch: int32(),
        leaderEpoch: leaderEpoch(),
        startOffset: offset(),
        stateBatches: array({
          firstOffset: offset(),
          lastOffset: offset(),
          /** 0: available, 1: acquired, 2: acknowledged, 4: archived. */
          deliveryState: int8(),
          deliveryCount: int16(),
        }),
      }),
    }),
  },
)
export interface WriteShareGroupStateRequest extends TypeOf<typeof WriteShareGroupStateRequest> {}

export const WriteShareGroupStateResponse = response(
  85,
  'WriteShareGroupState',
  versions('0', { flexible: '0+' }),
  {
    results: array({
      topicId: uuid(),
      partitions: array({
        partition: partitionIndex(),
        errorCode: errorCode(),
        errorMessage: string({ nullable: '0+', default: null }),
      }),
    }),
  },
)
export interface WriteShareGroupStateResponse extends TypeOf<typeof WriteShareGroupStateResponse> {}
