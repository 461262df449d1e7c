import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int32,
  offset,
  partitionIndex,
  request,
  response,
  string,
  uuid,
  versions,
} from '../schema/index.ts'

/** From the group coordinator to the share coordinator: a share partition begins (KIP-932). */
export const InitializeShareGroupStateRequest = request(
  83,
  'InitializeShareGroupState',
  versions('0', { flexible: '0+' }),
  {
    groupId: string(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partition: partitionIndex(),
        stateEpoch: int32(),
        startOffset: offset(),
      }),
    }),
  },
)
export interface InitializeShareGroupStateRequest
  extends TypeOf<typeof InitializeShareGroupStateRequest> {}

export const InitializeShareGroupStateResponse = response(
  83,
  'InitializeShareGroupState',
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
export interface InitializeShareGroupStateResponse
  extends TypeOf<typeof InitializeShareGroupStateResponse> {}
