import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { CommittedOffset, GroupView, MemberView } from '../../groups/index.ts'
import { assignedPartitions } from '../../groups/index.ts'
import type { BrokerServices } from '../../handlers/index.ts'
import { closed, isoTime, nullable, time } from '../http/schema.ts'

const groupMembers = {
  group: Type.String(),
  state: Type.String({ description: 'Empty, PreparingRebalance, CompletingRebalance, Stable.' }),
  stateSince: time('When it came into this state.'),
  type: Type.String({ description: '`classic`.' }),
  protocolType: Type.String({ description: 'Empty for a group that only commits offsets.' }),
  protocol: Type.String({ description: 'The assignor in use; empty unless the group is stable.' }),
  members: Type.Integer({ description: 'Number of members.' }),
  lag: Type.Integer({
    description: 'Records behind, over all partitions with a committed offset.',
  }),
}

export const groupSchema = closed(groupMembers, { title: 'Group' })

const assignment = closed({ topic: Type.String(), partitions: Type.Array(Type.Integer()) })

const member = closed(
  {
    memberId: Type.String(),
    instanceId: nullable(Type.String({ description: 'Of a static member.' })),
    clientId: Type.String(),
    clientHost: Type.String(),
    isLeader: Type.Boolean(),
    sessionTimeoutMs: Type.Integer(),
    rebalanceTimeoutMs: Type.Integer(),
    assignment: Type.Array(assignment, {
      description: 'What a consumer was given; empty where it cannot be read.',
    }),
  },
  { title: 'GroupMember' },
)

export const groupOffsetSchema = closed(
  {
    topic: Type.String(),
    partition: Type.Integer(),
    offset: Type.Integer({ description: 'Committed.' }),
    metadata: Type.String(),
    committedAt: time('When it was committed.'),
    logStartOffset: nullable(Type.Integer({ description: 'Null when the partition is gone.' })),
    endOffset: nullable(Type.Integer({ description: 'Null when the partition is gone.' })),
    lag: nullable(
      Type.Integer({ description: 'Records behind; null when the partition is gone.' }),
    ),
  },
  { title: 'GroupOffset' },
)

export const groupDetailsSchema = closed(
  {
    ...groupMembers,
    generation: Type.Integer(),
    memberList: Type.Array(member),
    offsets: Type.Array(groupOffsetSchema),
  },
  { title: 'GroupDetails' },
)

/** A group in a list. */
export function viewGroup(group: GroupView, broker: BrokerServices): Static<typeof groupSchema> {
  let lag = 0
  for (const { lag: behind } of offsetsOf(group, broker)) lag += behind ?? 0
  return {
    group: group.groupId,
    state: group.state,
    stateSince: isoTime(group.stateSinceMs),
    type: group.type,
    protocolType: group.protocolType,
    protocol: group.protocolName,
    members: group.memberCount,
    lag,
  }
}

export function describeGroup(
  group: GroupView,
  broker: BrokerServices,
): Static<typeof groupDetailsSchema> {
  return {
    ...viewGroup(group, broker),
    generation: group.generationId,
    memberList: group.members.map((one) => viewMember(one, group)),
    offsets: offsetsOf(group, broker),
  }
}

function viewMember(view: MemberView, group: GroupView): Static<typeof member> {
  return {
    memberId: view.memberId,
    instanceId: view.groupInstanceId,
    clientId: view.clientId,
    clientHost: view.clientHost,
    isLeader: group.leader === view.memberId,
    sessionTimeoutMs: view.sessionTimeoutMs,
    rebalanceTimeoutMs: view.rebalanceTimeoutMs,
    assignment: group.protocolType === 'consumer' ? viewAssignment(view.assignment) : [],
  }
}

function viewAssignment(bytes: Buffer): Static<typeof assignment>[] {
  return (assignedPartitions(bytes) ?? []).map(({ topic, partitions }) => ({
    topic,
    partitions: [...partitions],
  }))
}

function offsetsOf(group: GroupView, broker: BrokerServices): Static<typeof groupOffsetSchema>[] {
  return [...group.offsets]
    .sort(byKey)
    .flatMap(([topic, partitions]) =>
      [...partitions]
        .sort(byKey)
        .map(([partition, committed]) => viewOffset(topic, partition, committed, broker)),
    )
}

function byKey<Key extends string | number>(
  a: readonly [Key, unknown],
  b: readonly [Key, unknown],
): number {
  return a[0] < b[0] ? -1 : 1
}

function viewOffset(
  topic: string,
  partition: number,
  { offset, metadata, committedAtMs }: CommittedOffset,
  { control, log }: BrokerServices,
): Static<typeof groupOffsetSchema> {
  const id = control.state.topics.get(topic)?.id
  const found = id === undefined ? undefined : log.find(id, partition)
  return {
    ...{ topic, partition, offset, metadata },
    committedAt: isoTime(committedAtMs),
    logStartOffset: found?.logStartOffset ?? null,
    endOffset: found?.highWatermark ?? null,
    lag: found ? Math.max(0, found.highWatermark - offset) : null,
  }
}
