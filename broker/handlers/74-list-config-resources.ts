import {
  errors,
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from '../../protocol/index.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { RESOURCE_TYPES } from './config-resources.ts'
import { defineHandler } from './handler.ts'
import type { BrokerServices } from './services.ts'

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(RESOURCE_TYPES))

/**
 * ListConfigResources v0-v1 (KIP-714, KIP-1142): topics, this broker and subscriptions of client
 * metrics, which are all that v0 asks for. Broker loggers and groups have no configurations here.
 */
export const listConfigResources = defineHandler(
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
  {
    versions: '0-1',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE_CONFIGS', resource: 'CLUSTER' }],
    skipped: ['Broker loggers and groups have no configurations here.'],
  },
  ({ resourceTypes }, context, broker) => {
    const { apiVersion } = context
    if (!isAllowedOnCluster(context, broker, 'DESCRIBE_CONFIGS')) {
      return { errorCode: errors.CLUSTER_AUTHORIZATION_FAILED.code, configResources: [] }
    }
    const asked = apiVersion === 0 ? [RESOURCE_TYPES.clientMetrics] : resourceTypes
    if (asked.some((type) => !KNOWN_TYPES.has(type))) {
      return { errorCode: errors.UNSUPPORTED_VERSION.code, configResources: [] }
    }
    const wanted = new Set(asked.length > 0 ? asked : KNOWN_TYPES)
    return {
      errorCode: errors.NONE.code,
      configResources: [...wanted].flatMap((resourceType) =>
        namesOf(resourceType, broker).map((resourceName) => ({ resourceName, resourceType })),
      ),
    }
  },
)

function namesOf(resourceType: number, { control, node }: BrokerServices): readonly string[] {
  if (resourceType === RESOURCE_TYPES.topic) return [...control.state.topics.keys()]
  if (resourceType === RESOURCE_TYPES.broker) return [String(node.id)]
  if (resourceType === RESOURCE_TYPES.clientMetrics) return [...control.state.clientMetrics.keys()]
  return []
}
