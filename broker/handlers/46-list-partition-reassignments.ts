import {
  errors,
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/index.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { defineHandler } from './handler.ts'

/** ListPartitionReassignments v0 (KIP-455): there is one broker, so no reassignment is ever in progress. */
export const listPartitionReassignments = defineHandler(
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
  {
    versions: '0',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE', resource: 'CLUSTER' }],
    notes: ['Always empty: there is one broker.'],
  },
  (_, context, broker) => {
    if (isAllowedOnCluster(context, broker, 'DESCRIBE')) {
      return { errorCode: errors.NONE.code, errorMessage: null, topics: [] }
    }
    const { code, message } = errors.CLUSTER_AUTHORIZATION_FAILED
    return { errorCode: code, errorMessage: message, topics: [] }
  },
)
