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

/** Acquires records of a share group, and acknowledges earlier ones along the way (KIP-932). */
export const ShareFetchRequest = request(78, 'ShareFetch', versions('1', { flexible: '0+' }), {
  groupId: groupId({ nullable: '0+', default: null }),
  memberId: string({ nullable: '0+' }),
  /** 0: a new session, -1: the end of one, else one more than last time. */
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
        /** 0: gap, 1: accept, 2: release, 3: reject; one for the range or one for each record. */
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
        leaderId: brokerId(),
        leaderEpoch: leaderEpoch(),
      }),
      records: records(),
      /** The ranges that are now locked for this member. */
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
