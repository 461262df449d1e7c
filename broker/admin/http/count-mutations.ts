import type { FastifyRequest } from 'fastify'
import type { Command } from '../../control/index.ts'
import type { BrokerServices } from '../../handlers/index.ts'
import { takeMutations } from '../../handlers/index.ts'
import { actorOf } from '../access/caller.ts'
import { throttled } from './throttled.ts'

type TopicChange = Parameters<typeof takeMutations>[0][number]

/**
 * Changes of topics count against `controller_mutation_rate` (KIP-599) by this door too; throws a
 * Problem while the sender has a debt. Call it before the commands are executed. A dry run is free.
 */
export async function countMutations(
  broker: BrokerServices,
  request: FastifyRequest,
  commands: readonly Command[],
): Promise<void> {
  const { quotas } = broker
  const { dryRun } = request.query as { readonly dryRun?: boolean }
  if (!quotas.areSet || dryRun === true) return
  const quota = quotas.of({ principal: request.caller.principal }, null).mutations(true)
  if (!quota) return
  const changes = commands.filter(isTopicChange)
  const taken = await takeMutations(changes, quota, actorOf(request), broker)
  const hold = quota.hold()
  if (!hold) return
  for (const count of taken) quota.give(count ?? 0)
  throw throttled(hold.waitMs, 'your controller_mutation_rate is used up')
}

function isTopicChange(command: Command): command is TopicChange {
  const { kind } = command
  return kind === 'topic.create' || kind === 'topic.delete' || kind === 'topic.partitions.create'
}
