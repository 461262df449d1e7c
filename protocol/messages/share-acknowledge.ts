import type { TypeOf } from '../schema/index.ts'
import {
  array,
  brokerId,
  errorCode,
  groupId,
  int8,
  int32,
  leaderEpoch,
  offset,
  partitionIndex,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  uuid,
  versions,
} from '../schema/index.ts'

/** Acknowledges records of a share group without fetching more (KIP-932). */
export const ShareAcknowledgeRequest = request(
  79,
  'ShareAcknowledge',
  versions('1', { flexible: '0+' }),
  {
    groupId: groupId({ nullable: '0+', default: null }),
    memberId: string({ nullable: '0+' }),
    shareSessionEpoch: int32(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partitionIndex: partitionIndex(),
        acknowledgementBatches: array({
          firstOffset: offset(),
          lastOffset: offset(),
          /** As in ShareFetch. */
          acknowledgeTypes: array(int8()),
        }),
      }),
    }),
  },
)
export interface ShareAcknowledgeRequest extends TypeOf<typeof ShareAcknowledgeRequest> {}

export const ShareAcknowledgeResponse = response(
  79,
  'ShareAcknowledge',
  versions('1', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+', default: null }),
    responses: array({
      topicId: uuid(),
      partitions: array({
        partitionIndex: partitionIndex(),
        errorCode: errorCode(),
        errorMessage: string({ nullable: '0+', default: null }),
        currentLeader: struct({
          leaderId: brokerId(),
          leaderEpoch: leaderEpoch(),
        }),
      }),
    }),
    nodeEndpoints: array({
      nodeId: brokerId(),
      host: string(),
      port: int32(),
      rack: string({ nullable: '0+', default: null }),
    }),
  },
)
export interface ShareAcknowledgeResponse extends TypeOf<typeof ShareAcknowledgeResponse> {}
