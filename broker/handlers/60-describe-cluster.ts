import { DescribeClusterRequest, DescribeClusterResponse, errors } from '../../protocol/index.ts'
import { clusterOperations, NOT_ASKED } from './authorized-operations.ts'
import { defineHandler } from './handler.ts'

const BROKERS = 1
const CONTROLLERS = 2

/**
 * DescribeCluster v0-v2 (KIP-700, KIP-919, KIP-1073): the cluster's id and its one broker, which is
 * the controller too. Asked for controllers' endpoints it refuses, as a Kafka broker does.
 */
export const describeCluster = defineHandler(
  DescribeClusterRequest,
  DescribeClusterResponse,
  {
    versions: '0-2',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE', resource: 'CLUSTER' }],
  },
  (request, context, broker) => {
    const { connection } = context
    const { clusterId } = broker.control.state
    const { endpointType } = request
    if (endpointType !== BROKERS) {
      const error =
        endpointType === CONTROLLERS
          ? errors.MISMATCHED_ENDPOINT_TYPE
          : errors.UNSUPPORTED_ENDPOINT_TYPE
      return {
        errorCode: error.code,
        errorMessage: error.message,
        endpointType,
        clusterId,
        brokers: [],
      }
    }
    const { id, rack } = broker.node
    return {
      errorCode: errors.NONE.code,
      clusterId,
      controllerId: id,
      brokers: [{ brokerId: id, ...broker.node.endpoint(connection), rack, isFenced: false }],
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? clusterOperations(context, broker)
        : NOT_ASKED,
    }
  },
)
