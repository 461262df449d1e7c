import { AlterConfigsRequest, AlterConfigsResponse } from '../../protocol/index.ts'
import { alterConfigs as alter } from './alter-configs.ts'
import { defineHandler } from './handler.ts'

/**
 * AlterConfigs v0-v2 (KIP-133): replaces all that is set on a topic, a broker or a subscription of
 * client metrics; what the request does not name goes back to its default. Superseded by IncrementalAlterConfigs in newer clients.
 */
export const alterConfigs = defineHandler(
  AlterConfigsRequest,
  AlterConfigsResponse,
  {
    versions: '0-2',
    stage: 'ordered',
    permissions: [
      { operation: 'ALTER_CONFIGS', resource: 'TOPIC' },
      { operation: 'ALTER_CONFIGS', resource: 'CLUSTER' },
    ],
    notes: [
      'Configurations that have no effect here are refused with INVALID_CONFIG unless they have their default value.',
    ],
    skipped: ['Broker loggers and groups have no configurations here.'],
  },
  async ({ resources, validateOnly }, context, broker) => {
    const asked = resources.map(({ resourceType, resourceName, configs }) => ({
      resourceType,
      resourceName,
      changes: configs.map(({ name, value }) => ({ op: 'set', name, value }) as const),
    }))
    return { responses: await alter(asked, 'replace', validateOnly, context, broker) }
  },
)
