import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../protocol/index.ts'
import type { ConfigChange } from '../control/index.ts'
import type { AskedAlteration } from './alter-configs.ts'
import { alterConfigs } from './alter-configs.ts'
import { defineHandler } from './handler.ts'

type AskedChange = IncrementalAlterConfigsRequest['resources'][number]['configs'][number]

/** By number on the wire. */
const OPERATIONS = ['set', 'delete', 'append', 'subtract'] as const

/**
 * IncrementalAlterConfigs v0-v1 (KIP-339): sets or deletes single configurations of a topic, a
 * broker or a subscription of client metrics, or adds elements to lists and takes them away. One wrong change refuses its resource.
 */
export const incrementalAlterConfigs = defineHandler(
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
  {
    versions: '0-1',
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
    const asked = resources.map(
      ({ resourceType, resourceName, configs }): AskedAlteration => ({
        resourceType,
        resourceName,
        changes: changesOf(configs),
      }),
    )
    return { responses: await alterConfigs(asked, 'incremental', validateOnly, context, broker) }
  },
)

function changesOf(asked: readonly AskedChange[]): AskedAlteration['changes'] {
  const nulls = asked.filter(({ configOperation, value }) => {
    return value === null && OPERATIONS[configOperation] !== 'delete'
  })
  if (nulls.length > 0) {
    return { fault: `Null value not supported for : ${nulls.map(({ name }) => name).join(', ')}` }
  }
  const changes: ConfigChange[] = []
  for (const { name, configOperation, value } of asked) {
    const op = OPERATIONS[configOperation]
    if (op === undefined) return { fault: `Unknown operations type ${configOperation}` }
    changes.push(op === 'delete' ? { op, name } : { op, name, value: value ?? '' })
  }
  return changes
}
