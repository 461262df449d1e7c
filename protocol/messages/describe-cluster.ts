import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  brokerId,
  errorCode,
  int8,
  int32,
  NO_AUTHORIZED_OPERATIONS,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

/** Cluster id, controller and brokers (KIP-700); controllers from version 1 on (KIP-919). */
export const DescribeClusterRequest = request(
  60,
  'DescribeCluster',
  versions('0-2', { flexible: '0+' }),
  {
    includeClusterAuthorizedOperations: bool(),
    /** 1: brokers, 2: controllers. */
    endpointType: int8({ versions: '1+', default: 1 }),
    includeFencedBrokers: bool({ versions: '2+' }),
  },
)
export interface DescribeClusterRequest extends TypeOf<typeof DescribeClusterRequest> {}

export const DescribeClusterResponse = response(
  60,
  'DescribeCluster',
  versions('0-2', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+', default: null }),
    endpointType: int8({ versions: '1+', default: 1 }),
    clusterId: string(),
    controllerId: brokerId({ default: -1 }),
    brokers: array({
      brokerId: brokerId(),
      host: string(),
      port: int32(),
      rack: string({ nullable: '0+', default: null }),
      isFenced: bool({ versions: '2+' }),
    }),
    clusterAuthorizedOperations: int32({ default: NO_AUTHORIZED_OPERATIONS }),
  },
)
export interface DescribeClusterResponse extends TypeOf<typeof DescribeClusterResponse> {}
