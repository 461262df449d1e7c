import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  groupId,
  partitionIndex,
  request,
  response,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'

/** Deletes a group's committed offsets of topics to which no member is subscribed (KIP-496). */
export const OffsetDeleteRequest = request(47, 'OffsetDelete', versions('0'), {
  groupId: groupId(),
  topics: array({
    name: topicName(),
    partitions: array({
      partitionIndex: partitionIndex(),
    }),
  }),
})
export interface OffsetDeleteRequest extends TypeOf<typeof OffsetDeleteRequest> {}

export const OffsetDeleteResponse = response(47, 'OffsetDelete', versions('0'), {
  errorCode: errorCode(),
  throttleTimeMs: throttleTimeMs({ default: 0 }),
  topics: array({
    name: topicName(),
    partitions: array({
      partitionIndex: partitionIndex(),
      errorCode: errorCode(),
    }),
  }),
})
export interface OffsetDeleteResponse extends TypeOf<typeof OffsetDeleteResponse> {}
