import type { Resource } from '../../../audit/index.ts'
import type { CreatePartitions, CreateTopic } from '../commands.ts'
import { topicConfigFaults } from '../effective-topic-config.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { Topic } from '../port.ts'
import { isReservedTopicName, topicNameFault } from '../topic-name.ts'
import { assignmentFault } from './assignment.ts'
import { valueFault } from './config-changes.ts'
import type { Decision, DecisionContext, Refused } from './decision.ts'
import { refuse, refuseFaults } from './decision.ts'

/** A topic as records name it. */
export function topicResource(name: string, topic?: Topic): Resource {
  return { kind: 'topic', name, id: topic?.id ?? null }
}

export function decideCreateTopic(
  state: FoldedState,
  command: CreateTopic,
  context: DecisionContext,
): Decision<CreateTopic> {
  const refusal =
    refuseName(state, command) ??
    refuseConfigs(command, context) ??
    refuseAssignments(command, context) ??
    refuseCounts(command, context)
  if (refusal) return refusal

  const partitionCount = wantedPartitions(command, context)
  const tooMany = refuseTooMany(state, partitionCount, topicResource(command.name), context)
  if (tooMany) return tooMany
  const topic: Topic = {
    id: context.newId(),
    name: command.name,
    partitionCount,
    configs: Object.fromEntries(command.configs.map(({ name, value }) => [name, value ?? ''])),
    internal: command.internal ?? false,
    createdAtMs: context.nowMs,
  }
  return {
    error: 'NONE',
    resource: topicResource(topic.name, topic),
    before: null,
    after: resourceToJson(topic),
    reversal: 'side-effects',
    result: topic,
  }
}

function refuseName(state: FoldedState, command: CreateTopic): Refused | null {
  return refuseTopicName(state, command.name, command.internal ?? false)
}

/** Why no topic can have this name now, or null. */
export function refuseTopicName(
  state: FoldedState,
  name: string,
  internal: boolean,
): Refused | null {
  const existing = state.tables.topics.get(name)
  if (existing) {
    const resource = topicResource(name, existing)
    return refuse('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`, resource)
  }
  const fault = topicNameFault(name)
  if (fault !== null) return refuse('INVALID_TOPIC_EXCEPTION', fault, topicResource(name))
  if (isReservedTopicName(name) && !internal) {
    const message = `Creation of internal topic ${name} is prohibited.`
    return refuse('INVALID_REQUEST', message, topicResource(name))
  }
  const colliding = state.collidingTopic(name)
  if (colliding !== undefined) {
    const message = `Topic '${name}' collides with existing topic: ${colliding}`
    return refuse('INVALID_TOPIC_EXCEPTION', message, topicResource(name))
  }
  return null
}

function refuseConfigs(command: CreateTopic, context: DecisionContext): Refused | null {
  const resource = topicResource(command.name)
  const nulls = command.configs.filter(({ value }) => value === null).map(({ name }) => name)
  if (nulls.length > 0) {
    const message = `Null value not supported for topic configs: ${nulls.join(',')}`
    return refuse('INVALID_CONFIG', message, resource)
  }
  for (const { name, value } of command.configs) {
    const fault = valueFault(name, value ?? '')
    if (fault !== null) return refuse('INVALID_CONFIG', fault, resource)
  }
  const texts = Object.fromEntries(command.configs.map(({ name, value }) => [name, value ?? '']))
  const faults = topicConfigFaults(texts, context.topicDefaults)
  return faults.length > 0 ? refuseFaults(faults, resource) : null
}

function refuseAssignments(command: CreateTopic, context: DecisionContext): Refused | null {
  const { assignments } = command
  if (assignments.length === 0) return null
  const resource = topicResource(command.name)
  const both = 'A manual partition assignment was specified, but'
  if (command.replicationFactor !== -1) {
    return refuse('INVALID_REQUEST', `${both} replication factor was not set to -1.`, resource)
  }
  if (command.partitionCount !== -1) {
    return refuse('INVALID_REQUEST', `${both} numPartitions was not set to -1.`, resource)
  }
  const seen = new Set<number>()
  for (const { partition, brokerIds } of assignments) {
    const fault = seen.has(partition)
      ? `Found multiple manual partition assignments for partition ${partition}`
      : assignmentFault(brokerIds, context.nodeId)
    if (fault !== null) return refuse('INVALID_REPLICA_ASSIGNMENT', fault, resource)
    seen.add(partition)
  }
  for (let partition = 0; partition < assignments.length; partition++) {
    if (seen.has(partition)) continue
    const message = 'partitions should be a consecutive 0-based integer sequence'
    return refuse('INVALID_REPLICA_ASSIGNMENT', message, resource)
  }
  return null
}

function refuseCounts(command: CreateTopic, context: DecisionContext): Refused | null {
  if (command.assignments.length > 0) return null
  const resource = topicResource(command.name)
  const { partitionCount, replicationFactor } = command
  if (replicationFactor < -1 || replicationFactor === 0) {
    const message = 'Replication factor must be larger than 0, or -1 to use the default value.'
    return refuse('INVALID_REPLICATION_FACTOR', message, resource)
  }
  if (partitionCount < -1 || partitionCount === 0) {
    const message = 'Number of partitions was set to an invalid non-positive value.'
    return refuse('INVALID_PARTITIONS', message, resource)
  }
  const factor =
    replicationFactor === -1 ? context.broker.defaultReplicationFactor : replicationFactor
  if (factor > 1 && !context.broker.glasslogReplicationFactorClamp) {
    const message = `Unable to replicate the partition ${factor} time(s): The target replication factor of ${factor} cannot be reached because only 1 broker(s) are registered.`
    return refuse('INVALID_REPLICATION_FACTOR', message, resource)
  }
  return null
}

function wantedPartitions(command: CreateTopic, context: DecisionContext): number {
  if (command.assignments.length > 0) return command.assignments.length
  return command.partitionCount === -1 ? context.broker.numPartitions : command.partitionCount
}

/** The bound holds for clients; the broker's own topics are few and needed. */
export function refuseTooMany(
  state: FoldedState,
  additional: number,
  resource: Resource,
  context: DecisionContext,
): Refused | null {
  const max = context.broker.glasslogPartitionsMax
  if (state.partitionCount + additional <= max || isReservedTopicName(resource.name)) return null
  const message = `${additional} more partition(s) would be more than glasslog.partitions.max allows: there are ${state.partitionCount}, and ${max} is the limit.`
  return refuse('INVALID_PARTITIONS', message, resource)
}

export function decideCreatePartitions(
  state: FoldedState,
  command: CreatePartitions,
  context: DecisionContext,
): Decision<CreatePartitions> {
  const { name, totalCount, assignments } = command
  const topic = state.tables.topics.get(name)
  const resource = topicResource(name, topic)
  if (!topic) {
    return refuse('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`, resource)
  }
  if (topic.internal) {
    const message = `The topic '${name}' belongs to the broker, and its number of partitions is fixed.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  const additional = totalCount - topic.partitionCount
  if (additional <= 0) {
    const message =
      additional === 0
        ? `Topic already has ${totalCount} partition(s).`
        : `The topic ${name} currently has ${topic.partitionCount} partition(s); ${totalCount} would not be an increase.`
    return refuse('INVALID_PARTITIONS', message, resource)
  }
  if (assignments !== null && assignments.length !== additional) {
    const message = `Attempted to add ${additional} additional partition(s), but only ${assignments.length} assignment(s) were specified.`
    return refuse('INVALID_REPLICA_ASSIGNMENT', message, resource)
  }
  for (const brokerIds of assignments ?? []) {
    const fault = assignmentFault(brokerIds, context.nodeId)
    if (fault !== null) return refuse('INVALID_REPLICA_ASSIGNMENT', fault, resource)
  }
  const tooMany = refuseTooMany(state, additional, resource, context)
  if (tooMany) return tooMany
  const after: Topic = { ...topic, partitionCount: totalCount }
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(topic),
    after: resourceToJson(after),
    reversal: 'none',
    result: after,
  }
}
