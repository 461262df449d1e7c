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
import { LeaderIdAndEpoch, NodeEndpoint } from './shared.ts'

/** Who fetches, when it is a replica; consumers leave it at its default. */
const ReplicaState = {
  replicaId: brokerId({ default: -1 }),
  replicaEpoch: brokerEpoch({ default: -1n }),
}

const ForgottenTopic = {
  topic: topicName({ versions: '7-12', ignorable: true }),
  topicId: uuid({ versions: '13+', ignorable: true }),
  partitions: array(partitionIndex()),
}

/** The largest epoch that both logs may share, and where it ends here. */
const EpochEndOffset = {
  epoch: int32({ default: -1 }),
  endOffset: offset({ default: -1 }),
}

const SnapshotId = {
  endOffset: offset({ default: -1 }),
  epoch: int32({ default: -1 }),
}

/** A transaction that was aborted, with its first offset in the partition. */
const AbortedTransaction = {
  producerId: producerId(),
  firstOffset: offset(),
}

/**
 * Reads record batches, waiting until there are enough of them. Version 7 adds sessions, which
 * repeat only what changed (KIP-227); 12 detects truncation by epoch (KIP-595); 13 names topics by
 * id (KIP-516). Versions 15, 17 and 18 are about replicas and change nothing for consumers.
 */
export const FetchRequest = request(1, 'Fetch', versions('0-18', { flexible: '12+' }), {
  /** Sent by replicas only. */
  clusterId: string({ versions: '12+', nullable: '12+', default: null, tag: 0, ignorable: true }),
  /** -1 from consumers; moved into replicaState by version 15 (KIP-903). */
  replicaId: brokerId({ versions: '0-14', default: -1 }),
  replicaState: struct(ReplicaState, { versions: '15+', tag: 1 }),
  maxWaitMs: int32(),
  /** The response waits for this much, but no longer than maxWaitMs. */
  minBytes: int32(),
  /** Limit of the whole response; the first batch is sent even when it is larger (KIP-74). */
  maxBytes: int32({ versions: '3+', default: 0x7fffffff, ignorable: true }),
  /** 0: read uncommitted, 1: read committed, up to the last stable offset. */
  isolationLevel: int8({ versions: '4+', default: 0, ignorable: true }),
  /** 0 asks for a new session when the epoch is 0, for none when it is -1. */
  sessionId: int32({ versions: '7+', default: 0, ignorable: true }),
  /** 0: a new session, -1: no session or the end of one, else one more than last time. */
  sessionEpoch: int32({ versions: '7+', default: -1, ignorable: true }),
  topics: array({
    topic: topicName({ versions: '0-12', ignorable: true }),
    topicId: uuid({ versions: '13+', ignorable: true }),
    partitions: array({
      partition: partitionIndex(),
      /** The leader epoch that the client believes in; -1 for no check (KIP-320). */
      currentLeaderEpoch: leaderEpoch({ versions: '9+', default: -1, ignorable: true }),
      fetchOffset: offset(),
      /** Epoch of the last record that the client has; -1 for no check of truncation. */
      lastFetchedEpoch: leaderEpoch({ versions: '12+', default: -1 }),
      /** Sent by replicas only. */
      logStartOffset: offset({ versions: '5+', default: -1, ignorable: true }),
      /** Limit of this partition, with the same exception for the first batch. */
      partitionMaxBytes: int32(),
      replicaDirectoryId: uuid({ versions: '17+', tag: 0, ignorable: true }),
      highWatermark: offset({ versions: '18+', default: MAX_LONG, tag: 1, ignorable: true }),
    }),
  }),
  /** What the session shall no longer contain. */
  forgottenTopicsData: array(ForgottenTopic, { versions: '7+' }),
  /** Where the client is, to read from the nearest replica (KIP-392). */
  rackId: string({ versions: '11+', default: '', ignorable: true }),
})
export interface FetchRequest extends TypeOf<typeof FetchRequest> {}

/**
 * With a session, partitions that have nothing new are left out. Which message format the records
 * may have follows from the version: magic 0 up to 1, magic 1 up to 3, any from 4 on, zstd from 10
 * on.
 */
export const FetchResponse = response(1, 'Fetch', versions('0-18', { flexible: '12+' }), {
  throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
  errorCode: errorCode({ versions: '7+', ignorable: true }),
  /** 0: the broker opened no session. */
  sessionId: int32({ versions: '7+', default: 0 }),
  responses: array({
    topic: topicName({ versions: '0-12', ignorable: true }),
    topicId: uuid({ versions: '13+', ignorable: true }),
    partitions: array({
      partitionIndex: partitionIndex(),
      errorCode: errorCode(),
      highWatermark: offset(),
      /** Transactions below it are decided; -1 for unknown. */
      lastStableOffset: offset({ versions: '4+', default: -1, ignorable: true }),
      logStartOffset: offset({ versions: '5+', default: -1, ignorable: true }),
      /** Set when the client's epoch and offset do not lie in this log. */
      divergingEpoch: struct(EpochEndOffset, { versions: '12+', tag: 0 }),
      /** With NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH: who leads (KIP-951). */
      currentLeader: struct(LeaderIdAndEpoch, { versions: '12+', tag: 1 }),
      snapshotId: struct(SnapshotId, { versions: '12+', tag: 2 }),
      /** What a client that reads committed must skip; null unless it asked for that. */
      abortedTransactions: array(AbortedTransaction, {
        versions: '4+',
        nullable: '4+',
        ignorable: true,
      }),
      /** Broker to read from instead; -1 for this one. */
      preferredReadReplica: brokerId({ versions: '11+', default: -1 }),
      /** Whole batches; the first may begin before the offset asked for. */
      records: records({ nullable: '0+' }),
    }),
  }),
  /** Addresses of the leaders named above. */
  nodeEndpoints: array(NodeEndpoint, { versions: '16+', tag: 0 }),
})
export interface FetchResponse extends TypeOf<typeof FetchResponse> {}
