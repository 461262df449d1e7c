import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  brokerId,
  errorCode,
  int32,
  leaderEpoch,
  NO_AUTHORIZED_OPERATIONS,
  partitionIndex,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

const MetadataRequestTopic = {
  /** With an id the name may be null. */
  topicId: uuid({ versions: '10+', ignorable: true }),
  name: topicName({ nullable: '10+' }),
}

/**
 * Asks for brokers, topics and leaders. Version 4 lets the client forbid creation on first use, 10
 * adds topic ids (KIP-516), 12 lets topics be asked for by id alone.
 */
export const MetadataRequest = request(3, 'Metadata', versions('0-13', { flexible: '9+' }), {
  /** Null (version 0: empty) for all topics; empty from version 1 on for none. */
  topics: array(MetadataRequestTopic, { nullable: '1+' }),
  /** Version 0 to 3 always allow it. */
  allowAutoTopicCreation: bool({ versions: '4+', default: true }),
  includeClusterAuthorizedOperations: bool({ versions: '8-10' }),
  includeTopicAuthorizedOperations: bool({ versions: '8+' }),
})
export interface MetadataRequest extends TypeOf<typeof MetadataRequest> {}

/** Brokers, and for each topic its partitions with leader, replicas and in-sync replicas. */
export const MetadataResponse = response(3, 'Metadata', versions('0-13', { flexible: '9+' }), {
  throttleTimeMs: throttleTimeMs({ versions: '3+', ignorable: true }),
  brokers: array({
    nodeId: brokerId(),
    host: string(),
    port: int32(),
    rack: string({ versions: '1+', nullable: '1+', default: null, ignorable: true }),
  }),
  clusterId: string({ versions: '2+', nullable: '2+', default: null, ignorable: true }),
  controllerId: brokerId({ versions: '1+', default: -1, ignorable: true }),
  topics: array({
    errorCode: errorCode(),
    /** Null when the topic was asked for by an id that is not known. */
    name: topicName({ nullable: '12+' }),
    topicId: uuid({ versions: '10+', ignorable: true }),
    isInternal: bool({ versions: '1+', default: false, ignorable: true }),
    partitions: array({
      errorCode: errorCode(),
      partitionIndex: partitionIndex(),
      leaderId: brokerId(),
      leaderEpoch: leaderEpoch({ versions: '7+', default: -1, ignorable: true }),
      replicaNodes: array(brokerId()),
      isrNodes: array(brokerId()),
      /** Replicas on brokers or disks that do not work. */
      offlineReplicas: array(brokerId(), { versions: '5+', ignorable: true }),
    }),
    /** Bit set of operations, when asked for. */
    topicAuthorizedOperations: int32({ versions: '8+', default: NO_AUTHORIZED_OPERATIONS }),
  }),
  clusterAuthorizedOperations: int32({ versions: '8-10', default: NO_AUTHORIZED_OPERATIONS }),
  errorCode: errorCode({ versions: '13+', ignorable: true }),
})
export interface MetadataResponse extends TypeOf<typeof MetadataResponse> {}
