import { MAX_LONG } from '../reader.ts'
import type { TypeOf } from '../schema/index.ts'
import {
  array,
  brokerEpoch,
  brokerId,
  errorCode,
  int8,
  int32,
  leaderEpoch,
  offset,
  partitionIndex,
  producerId,
  records,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

const ReplicaState = {
  replicaId: brokerId({ default: -1 }),
  replicaEpoch: brokerEpoch({ default: -1n }),
}

const ForgottenTopic = {
  topic: topicName({ versions: '7-12', ignorable: true }),
  topicId: uuid({ versions: '13+', ignorable: true }),
  partitions: array(partitionIndex()),
}

const EpochEndOffset = {
  epoch: int32({ default: -1 }),
  endOffset: offset({ default: -1 }),
}

const LeaderIdAndEpoch = {
  leaderId: brokerId({ default: -1 }),
  leaderEpoch: leaderEpoch({ default: -1 }),
}

const SnapshotId = {
  endOffset: offset({ default: -1 }),
  epoch: int32({ default: -1 }),
}

const AbortedTransaction = {
  producerId: producerId(),
  firstOffset: offset(),
}

const NodeEndpoint = {
  nodeId: brokerId(),
  host: string(),
  port: int32(),
  rack: string({ nullable: '16+', default: null }),
}

export const FetchRequest = request(1, 'Fetch', versions('0-18', { flexible: '12+' }), {
  clusterId: string({ versions: '12+', nullable: '12+', default: null, tag: 0, ignorable: true }),
  replicaId: brokerId({ versions: '0-14', default: -1 }),
  replicaState: struct(ReplicaState, { versions: '15+', tag: 1 }),
  maxWaitMs: int32(),
  minBytes: int32(),
  maxBytes: int32({ versions: '3+', default: 0x7fffffff, ignorable: true }),
  isolationLevel: int8({ versions: '4+', default: 0, ignorable: true }),
  sessionId: int32({ versions: '7+', default: 0, ignorable: true }),
  sessionEpoch: int32({ versions: '7+', default: -1, ignorable: true }),
  topics: array({
    topic: topicName({ versions: '0-12', ignorable: true }),
    topicId: uuid({ versions: '13+', ignorable: true }),
    partitions: array({
      partition: partitionIndex(),
      currentLeaderEpoch: leaderEpoch({ versions: '9+', default: -1, ignorable: true }),
      fetchOffset: offset(),
      lastFetchedEpoch: int32({ versions: '12+', default: -1 }),
      logStartOffset: offset({ versions: '5+', default: -1, ignorable: true }),
      partitionMaxBytes: int32(),
      replicaDirectoryId: uuid({ versions: '17+', tag: 0, ignorable: true }),
      highWatermark: offset({ versions: '18+', default: MAX_LONG, tag: 1, ignorable: true }),
    }),
  }),
  forgottenTopicsData: array(ForgottenTopic, { versions: '7+' }),
  rackId: string({ versions: '11+', default: '', ignorable: true }),
})
export interface FetchRequest extends TypeOf<typeof FetchRequest> {}

export const FetchResponse = response(1, 'Fetch', versions('0-18', { flexible: '12+' }), {
  throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
  errorCode: errorCode({ versions: '7+', ignorable: true }),
  sessionId: int32({ versions: '7+', default: 0 }),
  responses: array({
    topic: topicName({ versions: '0-12', ignorable: true }),
    topicId: uuid({ versions: '13+', ignorable: true }),
    partitions: array({
      partitionIndex: partitionIndex(),
      errorCode: errorCode(),
      highWatermark: offset(),
      lastStableOffset: offset({ versions: '4+', default: -1, ignorable: true }),
      logStartOffset: offset({ versions: '5+', default: -1, ignorable: true }),
      divergingEpoch: struct(EpochEndOffset, { versions: '12+', tag: 0 }),
      currentLeader: struct(LeaderIdAndEpoch, { versions: '12+', tag: 1 }),
      snapshotId: struct(SnapshotId, { versions: '12+', tag: 2 }),
      abortedTransactions: array(AbortedTransaction, {
        versions: '4+',
        nullable: '4+',
        ignorable: true,
      }),
      preferredReadReplica: brokerId({ versions: '11+', default: -1 }),
      records: records({ nullable: '0+' }),
    }),
  }),
  nodeEndpoints: array(NodeEndpoint, { versions: '16+', tag: 0 }),
})
export interface FetchResponse extends TypeOf<typeof FetchResponse> {}
