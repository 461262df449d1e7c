import type { TypeOf } from '../schema/index.ts'
import {
  array,
  brokerId,
  errorCode,
  leaderEpoch,
  offset,
  partitionIndex,
  request,
  response,
  string,
  timestamp,
  topicName,
  uint16,
  uuid,
  versions,
} from '../schema/index.ts'

const ReplicaState = {
  replicaId: brokerId(),
  replicaDirectoryId: uuid({ versions: '2+' }),
  logEndOffset: offset(),
  lastFetchTimestamp: timestamp({ versions: '1+', default: -1, ignorable: true }),
  lastCaughtUpTimestamp: timestamp({ versions: '1+', default: -1, ignorable: true }),
}

const Node = {
  nodeId: brokerId(),
  listeners: array({
    name: string(),
    host: string(),
    port: uint16(),
  }),
}

/** State of the controllers' quorum (KIP-595, KIP-836, KIP-853). */
export const DescribeQuorumRequest = request(
  55,
  'DescribeQuorum',
  versions('0-2', { flexible: '0+' }),
  {
    topics: array({
      topicName: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
      }),
    }),
  },
)
export interface DescribeQuorumRequest extends TypeOf<typeof DescribeQuorumRequest> {}

export const DescribeQuorumResponse = response(
  55,
  'DescribeQuorum',
  versions('0-2', { flexible: '0+' }),
  {
    errorCode: errorCode(),
    errorMessage: string({ versions: '2+', nullable: '2+', ignorable: true }),
    topics: array({
      topicName: topicName(),
      partitions: array({
        partitionIndex: partitionIndex(),
        errorCode: errorCode(),
        errorMessage: string({ versions: '2+', nullable: '2+', ignorable: true }),
        leaderId: brokerId(),
        leaderEpoch: leaderEpoch(),
        highWatermark: offset(),
        currentVoters: array(ReplicaState),
        observers: array(ReplicaState),
      }),
    }),
    nodes: array(Node, { versions: '2+' }),
  },
)
export interface DescribeQuorumResponse extends TypeOf<typeof DescribeQuorumResponse> {}
