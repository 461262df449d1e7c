import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int32,
  offset,
  partitionIndex,
  request,
  response,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'

/** Moves the log start offset of partitions forward (KIP-107). */
export const DeleteRecordsRequest = request(
  21,
  'DeleteRecords',
  versions('0-2', { flexible: '2+' }),
  {
    topics: array({
      name: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        /** First offset that stays; -1 for the high watermark. */
        offset: offset(),
      }),
    }),
    /** How long to wait for replicas. */
    timeoutMs: int32(),
  },
)
export interface DeleteRecordsRequest extends TypeOf<typeof DeleteRecordsRequest> {}

export const DeleteRecordsResponse = response(
  21,
  'DeleteRecords',
  versions('0-2', { flexible: '2+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    topics: array({
      name: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        /** The log start offset afterwards; -1 with an error. */
        lowWatermark: offset(),
        errorCode: errorCode(),
      }),
    }),
  },
)
export interface DeleteRecordsResponse extends TypeOf<typeof DeleteRecordsResponse> {}
