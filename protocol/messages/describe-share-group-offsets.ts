import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  groupId,
  leaderEpoch,
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

const DescribeShareGroupOffsetsRequestTopic = {
  topicName: topicName(),
  partitions: array(partitionIndex()),
}

/** Start offsets of a share group (KIP-932). */
export const DescribeShareGroupOffsetsRequest = request(
  90,
  'DescribeShareGroupOffsets',
  versions('0', { flexible: '0+' }),
  {
    groups: array({
      groupId: groupId(),
      topics: array(DescribeShareGroupOffsetsRequestTopic, { nullable: '0+' }),
    }),
  },
)
export interface DescribeShareGroupOffsetsRequest
  extends TypeOf<typeof DescribeShareGroupOffsetsRequest> {}

export const DescribeShareGroupOffsetsResponse = response(
  90,
  'DescribeShareGroupOffsets',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    groups: array({
      groupId: groupId(),
      topics: array({
        topicName: topicName(),
        topicId: uuid(),
        partitions: array({
          partitionIndex: partitionIndex(),
          startOffset: offset(),
          leaderEpoch: leaderEpoch(),
          errorCode: errorCode(),
          errorMessage: string({ nullable: '0+', default: null }),
        }),
      }),
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+', default: null }),
    }),
  },
)
export interface DescribeShareGroupOffsetsResponse
  extends TypeOf<typeof DescribeShareGroupOffsetsResponse> {}
