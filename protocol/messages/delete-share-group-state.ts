import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  partitionIndex,
  request,
  response,
  string,
  uuid,
  versions,
} from '../schema/index.ts'

/** From the group coordinator to the share coordinator: share partitions end (KIP-932). */
export const DeleteShareGroupStateRequest = request(
  86,
  'DeleteShareGroupState',
  versions('0', { flexible: '0+' }),
  {
    groupId: string(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partition: partitionIndex(),
      }),
    }),
  },
)
export interface DeleteShareGroupStateRequest extends TypeOf<typeof DeleteShareGroupStateRequest> {}

export const DeleteShareGroupStateResponse = response(
  86,
  'DeleteShareGroupState',
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
export interface DeleteShareGroupStateResponse
  extends TypeOf<typeof DeleteShareGroupStateResponse> {}
