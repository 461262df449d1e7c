import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  groupId,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

/** Deletes the offsets of topics from an empty share group (KIP-932). */
export const DeleteShareGroupOffsetsRequest = request(
  92,
  'DeleteShareGroupOffsets',
  versions('0', { flexible: '0+' }),
  {
    groupId: groupId(),
    topics: array({
      topicName: topicName(),
    }),
  },
)
export interface DeleteShareGroupOffsetsRequest
  extends TypeOf<typeof DeleteShareGroupOffsetsRequest> {}

export const DeleteShareGroupOffsetsResponse = response(
  92,
  'DeleteShareGroupOffsets',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+', default: null }),
    responses: array({
      topicName: topicName(),
      topicId: uuid(),
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+', default: null }),
    }),
  },
)
export interface DeleteShareGroupOffsetsResponse
  extends TypeOf<typeof DeleteShareGroupOffsetsResponse> {}
