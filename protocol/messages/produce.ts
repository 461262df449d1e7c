import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int16,
  int32,
  offset,
  partitionIndex,
  records,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  timestamp,
  topicName,
  transactionalId,
  uuid,
  versions,
} from '../schema/index.ts'
import { LeaderIdAndEpoch, NodeEndpoint } from './shared.ts'

/** A record that was refused, by its place in the batch. */
const BatchIndexAndErrorMessage = {
  batchIndex: int32(),
  batchIndexErrorMessage: string({ nullable: '0+', default: null }),
}

/**
 * Appends record batches. Up to version 2 partitions carry message sets (magic 0 or 1), from 3 on
 * exactly one batch of magic 2; zstd is allowed from 7 on (KIP-110). Version 13 names topics by id
 * (KIP-516).
 */
export const ProduceRequest = request(0, 'Produce', versions('0-13', { flexible: '9+' }), {
  /** Not null only when the batches belong to a transaction. */
  transactionalId: transactionalId({ versions: '3+', nullable: '3+', default: null }),
  /** 0: no response at all, 1: the leader has it, -1: all in-sync replicas have it. */
  acks: int16(),
  /** How long to wait for the in-sync replicas when acks is -1. */
  timeoutMs: int32(),
  topicData: array({
    name: topicName({ versions: '0-12', ignorable: true }),
    topicId: uuid({ versions: '13+', ignorable: true }),
    partitionData: array({
      index: partitionIndex(),
      records: records({ nullable: '0+' }),
    }),
  }),
})
export interface ProduceRequest extends TypeOf<typeof ProduceRequest> {}

/**
 * Not sent at all when acks is 0. Version 8 says which records were refused (KIP-467), version 10
 * who leads instead (KIP-951).
 */
export const ProduceResponse = response(0, 'Produce', versions('0-13', { flexible: '9+' }), {
  responses: array({
    name: topicName({ versions: '0-12', ignorable: true }),
    topicId: uuid({ versions: '13+', ignorable: true }),
    partitionResponses: array({
      index: partitionIndex(),
      errorCode: errorCode(),
      /** Offset of the first record; -1 with an error. */
      baseOffset: offset(),
      /** When the broker appended, for topics with LogAppendTime; else -1. */
      logAppendTimeMs: timestamp({ versions: '2+', default: -1, ignorable: true }),
      logStartOffset: offset({ versions: '5+', default: -1, ignorable: true }),
      recordErrors: array(BatchIndexAndErrorMessage, { versions: '8+', ignorable: true }),
      errorMessage: string({ versions: '8+', nullable: '8+', default: null, ignorable: true }),
      /** With NOT_LEADER_OR_FOLLOWER: who leads. */
      currentLeader: struct(LeaderIdAndEpoch, { versions: '10+', tag: 0 }),
    }),
  }),
  throttleTimeMs: throttleTimeMs({ versions: '1+', default: 0, ignorable: true }),
  /** Addresses of the leaders named above. */
  nodeEndpoints: array(NodeEndpoint, { versions: '10+', tag: 0 }),
})
export interface ProduceResponse extends TypeOf<typeof ProduceResponse> {}
