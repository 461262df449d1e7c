import type { TypeOf } from '../schema/index.ts'
import {
  array,
  brokerId,
  errorCode,
  groupId,
  int8,
  int16,
  int32,
  leaderEpoch,
  offset,
  partitionIndex,
  records,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  uuid,
  versions,
} from '../schema/index.ts'

export const ShareFetchRequest = request(78, 'ShareFetch', versions('1', { flexible: '0+' }), {
  groupId: groupId({ nullable: '0+', default: null }),
  memberId: string({ nullable: '0+' }),
  shareSessionEpoch: int32(),
  maxWaitMs: int32(),
  minBytes: int32(),
  maxBytes: int32({ default: 0x7fffffff }),
  maxRecords: int32(),
  batchSize: int32(),
  topics: array({
    topicId: uuid(),
    partitions: array({
      partitionIndex: partitionIndex(),
      acknowledgementBatches: array({
        firstOffset: offset(),
        lastOffset: offset(),
        acknowledgeTypes: array(int8()),
      }),
    }),
  }),
  forgottenTopicsData: array({
    topicId: uuid(),
    partitions: array(partitionIndex()),
  }),
})
export interface ShareFetchRequest extends TypeOf<typeof ShareFetchRequest> {}

export const ShareFetchResponse = response(78, 'ShareFetch', versions('1', { flexible: '0+' }), {
  throttleTimeMs: throttleTimeMs({ default: 0 }),
  errorCode: errorCode(),
  errorMessage: string({ nullable: '0+', default: null }),
  acquisitionLockTimeoutMs: int32(),
  responses: array({
    topicId: uuid(),
    partitions: array({
      partitionIndex: partitionIndex(),
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+', default: null }),
      acknowledgeErrorCode: errorCode(),
      acknowledgeErrorMessage: string({ nullable: '0+', default: null }),
      currentLeader: struct({
        leaderId: int32(),
        leaderEpoch: leaderEpoch(),
      }),
      records: records(),
      acquiredRecords: array({
        firstOffset: offset(),
        lastOffset: offset(),
        deliveryCount: int16(),
      }),
    }),
  }),
  nodeEndpoints: array({
    nodeId: brokerId(),
    host: string(),
    port: int32(),
    rack: string({ nullable: '0+', default: null }),
  }),
})
export interface ShareFetchResponse extends TypeOf<typeof ShareFetchResponse> {}
