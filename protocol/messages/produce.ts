import type { TypeOf } from '../schema/index.ts'
import {
  array,
  brokerId,
  durationMs,
  errorCode,
  int16,
  int32,
  leaderEpoch,
  offset,
  records,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  topicName,
  transactionalId,
  uuid,
  versions,
} from '../schema/index.ts'

const BatchIndexAndErrorMessage = {
  batchIndex: int32(),
  batchIndexErrorMessage: string({ nullable: '8+', default: null }),
}

const LeaderIdAndEpoch = {
  leaderId: brokerId({ default: -1 }),
  leaderEpoch: leaderEpoch({ default: -1 }),
}

const NodeEndpoint = {
  nodeId: brokerId(),
  host: string(),
  port: int32(),
  rack: string({ nullable: '10+', default: null }),
}

export const ProduceRequest = request(0, 'Produce', versions('0-13', { flexible: '9+' }), {
  transactionalId: transactionalId({ versions: '3+', nullable: '3+', default: null }),
  acks: int16(),
  timeoutMs: int32(),
  topicData: array({
    name: topicName({ versions: '0-12', ignorable: true }),
    topicId: uuid({ versions: '13+', ignorable: true }),
    partitionData: array({
      index: int32(),
      records: records({ nullable: '0+' }),
    }),
  }),
})
export interface ProduceRequest extends TypeOf<typeof ProduceRequest> {}

export const ProduceResponse = response(0, 'Produce', versions('0-13', { flexible: '9+' }), {
  responses: array({
    name: topicName({ versions: '0-12', ignorable: true }),
    topicId: uuid({ versions: '13+', ignorable: true }),
    partitionResponses: array({
      index: int32(),
      errorCode: errorCode(),
      baseOffset: offset(),
      logAppendTimeMs: durationMs({ versions: '2+', default: -1, ignorable: true }),
      logStartOffset: offset({ versions: '5+', default: -1, ignorable: true }),
      recordErrors: array(BatchIndexAndErrorMessage, { versions: '8+', ignorable: true }),
      errorMessage: string({ versions: '8+', nullable: '8+', default: null, ignorable: true }),
      currentLeader: struct(LeaderIdAndEpoch, { versions: '10+', tag: 0 }),
    }),
  }),
  throttleTimeMs: throttleTimeMs({ versions: '1+', default: 0, ignorable: true }),
  nodeEndpoints: array(NodeEndpoint, { versions: '10+', tag: 0 }),
})
export interface ProduceResponse extends TypeOf<typeof ProduceResponse> {}
