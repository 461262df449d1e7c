import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  brokerId,
  errorCode,
  int32,
  leaderEpoch,
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
  topicId: uuid({ versions: '10+', ignorable: true }),
  name: topicName({ nullable: '10+' }),
}

export const MetadataRequest = request(3, 'Metadata', versions('0-13', { flexible: '9+' }), {
  topics: array(MetadataRequestTopic, { nullable: '1+' }),
  allowAutoTopicCreation: bool({ versions: '4+', default: true }),
  includeClusterAuthorizedOperations: bool({ versions: '8-10' }),
  includeTopicAuthorizedOperations: bool({ versions: '8+' }),
})
export interface MetadataRequest extends TypeOf<typeof MetadataRequest> {}

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
      offlineReplicas: array(brokerId(), { versions: '5+', ignorable: true }),
    }),
    topicAuthorizedOperations: int32({ versions: '8+', default: -2147483648 }),
  }),
  clusterAuthorizedOperations: int32({ versions: '8-10', default: -2147483648 }),
  errorCode: errorCode({ versions: '13+', ignorable: true }),
})
export interface MetadataResponse extends TypeOf<typeof MetadataResponse> {}
