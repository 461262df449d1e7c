import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  groupId,
  offset,
  partitionIndex,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

/** Sets start offsets of an empty share group (KIP-932). */
export const AlterShareGroupOffsetsRequest = request(
  91,
  'AlterShareGroupOffsets',
  versions('0', { flexible: '0+' }),
  {
    groupId: groupId(),
    topics: array({
      topicName: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        startOffset: offset(),
      }),
    }),
  },
)
export interface AlterShareGroupOffsetsRequest
  extends TypeOf<typeof AlterShareGroupOffsetsRequest> {}

export const AlterShareGroupOffsetsResponse = response(
  91,
  'AlterShareGroupOffsets',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+', default: null }),
    responses: array({
      topicName: topicName(),
      topicId: uuid(),
      partitions: array({
        partitionIndex: partitionIndex(),
        errorCode: errorCode(),
        errorMessage: string({ nullable: '0+', default: null }),
      }),
    }),
  },
)
export interface AlterShareGroupOffsetsResponse
  extends TypeOf<typeof AlterShareGroupOffsetsResponse> {}
