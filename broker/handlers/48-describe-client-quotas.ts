import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
  errors,
} from '../../protocol/index.ts'
import type { ClientQuota } from '../control/index.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { ENTITY_TYPES, matchingQuotas, quotaFilterOf } from './client-quota-filter.ts'
import { defineHandler } from './handler.ts'

/** DescribeClientQuotas v0-v1 (KIP-546, KIP-612): limits of users, client ids and addresses. */
export const describeClientQuotas = defineHandler(
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
  {
    versions: '0-1',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE_CONFIGS', resource: 'CLUSTER' }],
  },
  ({ components, strict }, context, broker) => {
    if (!isAllowedOnCluster(context, broker, 'DESCRIBE_CONFIGS')) {
      const { code, message } = errors.CLUSTER_AUTHORIZATION_FAILED
      return { errorCode: code, errorMessage: message, entries: null }
    }
    const filter = quotaFilterOf(components, strict)
    if ('error' in filter) {
      const errorCode = errors[filter.error].code
      return { errorCode, errorMessage: filter.message, entries: null }
    }
    const found = matchingQuotas(broker.control.state.quotas.values(), filter)
    return { errorCode: errors.NONE.code, errorMessage: null, entries: found.map(entryOf) }
  },
)

function entryOf({ entity, limits }: ClientQuota) {
  return {
    entity: [...ENTITY_TYPES].flatMap(([entityType, kind]) => {
      const entityName = entity[kind]
      return entityName === undefined ? [] : [{ entityType, entityName }]
    }),
    values: Object.entries(limits).map(([key, value]) => ({ key, value })),
  }
}
