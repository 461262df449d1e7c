import { abbreviate } from '../../kit/index.ts'
import { errors } from '../../protocol/index.ts'
import type { AlterMode, Command, ConfigChange } from '../control/index.ts'
import { actorOf } from './actor.ts'
import { MAX_MESSAGE_LENGTH, RESOURCE_TYPES, repeated } from './config-resources.ts'
import { errorCodeOf } from './error-code.ts'
import type { RequestContext } from './handler.ts'
import { observeMalformed } from './malformed-attempts.ts'
import type { BrokerServices } from './services.ts'

/** What one resource is asked to become, or why nobody can tell. */
export interface AskedAlteration {
  readonly resourceType: number
  readonly resourceName: string
  readonly changes: readonly ConfigChange[] | { readonly fault: string }
}

export interface AlterationAnswer {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
}

/** What AlterConfigs and IncrementalAlterConfigs have in common; answers in the order of `asked`. */
export async function alterConfigs(
  asked: readonly AskedAlteration[],
  mode: AlterMode,
  validateOnly: boolean,
  context: RequestContext,
  broker: BrokerServices,
): Promise<AlterationAnswer[]> {
  const duplicates = repeated(asked, (one) => `${one.resourceType} ${one.resourceName}`)
  const commands: Command[] = []
  const pending = asked.map((one) => {
    const command = duplicates.has(one)
      ? 'Each resource must appear at most once.'
      : commandOf(one, mode)
    if (typeof command === 'string') return command
    commands.push(command)
    return commands.length - 1
  })
  for (const [index, { resourceType }] of asked.entries()) {
    if (validateOnly || typeof pending[index] !== 'string') continue
    observeMalformed(operationOn(resourceType), context, broker)
  }
  const outcomes = await broker.control.execute(commands, actorOf(context), { validateOnly })
  return asked.map(({ resourceType, resourceName }, index) => {
    const found = pending[index]
    if (typeof found === 'string') {
      const errorCode = errors.INVALID_REQUEST.code
      const errorMessage = abbreviate(found, MAX_MESSAGE_LENGTH)
      return { errorCode, errorMessage, resourceType, resourceName }
    }
    const outcome = outcomes[found ?? -1]
    return {
      errorCode: errorCodeOf(outcome?.error ?? 'UNKNOWN_SERVER_ERROR'),
      errorMessage: outcome?.message ?? null,
      resourceType,
      resourceName,
    }
  })
}

/** The operation that was meant, of a part of the request that no command can be made of. */
function operationOn(resourceType: number): Command['kind'] {
  if (resourceType === RESOURCE_TYPES.topic) return 'topic.config.alter'
  if (resourceType === RESOURCE_TYPES.clientMetrics) return 'client-metrics.alter'
  return 'broker.config.alter'
}

/** A command, or what is wrong with the request. */
function commandOf(asked: AskedAlteration, mode: AlterMode): Command | string {
  const { resourceType, resourceName, changes } = asked
  if ('fault' in changes) return changes.fault
  switch (resourceType) {
    case RESOURCE_TYPES.topic:
      return { kind: 'topic.config.alter', name: resourceName, mode, changes }
    case RESOURCE_TYPES.broker:
      return { kind: 'broker.config.alter', brokerId: resourceName, mode, changes }
    case RESOURCE_TYPES.clientMetrics:
      return { kind: 'client-metrics.alter', name: resourceName, mode, changes }
    case RESOURCE_TYPES.brokerLogger:
    case RESOURCE_TYPES.group:
      return 'Broker loggers and groups have no configurations here.'
    default:
      return `Unknown resource type ${resourceType}`
  }
}
