import { errors } from '../../protocol/index.ts'
import type { Actor, ClusterState, Command, Outcome } from '../control/index.ts'
import { operationOf } from '../control/index.ts'
import type { MutationQuota } from '../quotas/index.ts'
import { actorOf } from './actor.ts'
import type { RequestContext } from './handler.ts'
import type { BrokerServices } from './services.ts'

/** Commands that count against `controller_mutation_rate`. */
type TopicChange = Extract<
  Command,
  { readonly kind: 'topic.create' | 'topic.delete' | 'topic.partitions.create' }
>

interface Options {
  /** First version whose clients know THROTTLING_QUOTA_EXCEEDED; before, they are served and held. */
  readonly strictSince: number
  readonly validateOnly?: boolean
}

const THROTTLED = {
  error: 'THROTTLING_QUOTA_EXCEEDED',
  message: errors.THROTTLING_QUOTA_EXCEEDED.message,
  seq: -1,
  after: null,
} as const

/**
 * Runs commands as far as the quota of the client allows (KIP-599): each partition that is made or
 * taken away counts as one. What would be refused anyway counts as nothing, and a dry run neither.
 */
export async function executeWithinQuota<C extends TopicChange>(
  commands: readonly C[],
  context: RequestContext,
  broker: BrokerServices,
  { strictSince, validateOnly = false }: Options,
): Promise<readonly Outcome<C>[]> {
  const { control, quotas } = broker
  const actor = actorOf(context)
  const isStrict = context.apiVersion >= strictSince
  const quota = quotas.areSet
    ? quotas.of(context.connection, context.clientId).mutations(isStrict)
    : null
  if (!quota || validateOnly) return control.execute(commands, actor, { validateOnly })

  const taken = await takeMutations(commands, quota, actor, broker)
  const allowed = commands.filter((_, index) => taken[index] !== null)
  const outcomes = [...(await control.execute(allowed, actor))]
  const answers = commands.map((_, index): Outcome<C> => {
    const count = taken[index] ?? null
    if (count === null) return THROTTLED
    const outcome = outcomes.shift()
    if (outcome?.error !== 'NONE') quota.give(count)
    return outcome ?? THROTTLED
  })
  const hold = quota.hold()
  if (hold) context.throttle(hold)
  return answers
}

/** How many mutations were taken for each command; null for those that the quota refuses, which the history hears of. */
export async function takeMutations<C extends TopicChange>(
  commands: readonly C[],
  quota: MutationQuota,
  actor: Actor,
  broker: BrokerServices,
): Promise<readonly (number | null)[]> {
  const { control } = broker
  const tried = await control.execute(commands, actor, { validateOnly: true })
  return commands.map((command, index) => {
    const outcome = tried[index]
    if (outcome?.error !== 'NONE') return 0
    const count = mutationsOf(command, outcome, control.state)
    if (quota.take(count)) return count
    observeThrottled(command, actor, broker)
    return null
  })
}

function mutationsOf(
  command: TopicChange,
  { after }: Outcome<TopicChange>,
  state: ClusterState,
): number {
  const partitionCount = after && 'partitionCount' in after ? after.partitionCount : 0
  switch (command.kind) {
    case 'topic.create':
      return partitionCount
    case 'topic.delete': {
      const { id, name = '' } = command
      const topic = id === undefined ? state.topics.get(name) : state.topicsById.get(id)
      return topic?.partitionCount ?? 1
    }
    case 'topic.partitions.create':
      return partitionCount - (state.topics.get(command.name)?.partitionCount ?? 0)
  }
}

/** The history counts such attempts together: a quota is there because there are many. */
function observeThrottled(command: TopicChange, actor: Actor, { control }: BrokerServices): void {
  const { resource, nameOf } = operationOf(command)
  control.observe({
    operation: command.kind,
    actor,
    resource: { kind: resource, name: nameOf(command), id: null },
    decision: { allowed: false, rule: 'quota controller_mutation_rate' },
    outcome: { code: 'THROTTLING_QUOTA_EXCEEDED', message: null },
  })
}
