import type { Uuid } from '../../../kit/index.ts'
import { ZERO_UUID } from '../../../kit/index.ts'
import type { ErrorName } from '../../../protocol/index.ts'
import type { ClassicGroup } from '../classic/group.ts'
import { CONSUMER_PROTOCOL_TYPE, isSubscribedTo } from '../classic/group.ts'
import type { Decision, DecisionContext } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { CommittedOffset, DeleteOffsetsAnswer, DeleteOffsetsRequest } from '../port.ts'
import type { CoordinatorRecord } from '../records/coordinator-record.ts'
import { groupTombstone } from '../records/group-metadata.ts'
import type { GroupOffsets } from './group-offsets.ts'

/** Decides an OffsetDelete (KIP-496): offsets that no member of the group uses may go. */
export function decideDeleteOffsets(
  group: ClassicGroup | null,
  offsets: GroupOffsets,
  request: DeleteOffsetsRequest,
): Decision<DeleteOffsetsAnswer> {
  const refuse = (error: ErrorName) => unchanged(group, { error, topics: [] })
  if (group === null) return refuse('GROUP_ID_NOT_FOUND')
  if (group.state !== 'Empty' && group.protocolType !== CONSUMER_PROTOCOL_TYPE) {
    return refuse('NON_EMPTY_GROUP')
  }
  // A partition may be named several times, and goes once.
  const chosen = new Map<string, Set<number>>()
  const topics = request.topics.map(({ name, partitions }): ErrorName => {
    if (isSubscribedTo(group, name)) return 'GROUP_SUBSCRIBED_TO_TOPIC'
    const ofTopic = chosen.get(name) ?? new Set()
    chosen.set(name, ofTopic)
    for (const partition of partitions) if (offsets.has(name, partition)) ofTopic.add(partition)
    return 'NONE'
  })
  const records = [...chosen].flatMap(([name, partitions]) =>
    [...partitions].map((partition) => tombstone(group.groupId, name, partition)),
  )
  return remove(group, records, 'offsetDeletions', { error: 'NONE', topics })
}

/** Decides a DeleteGroups: a group without members goes, with its offsets. */
export function decideDeleteGroup(
  group: ClassicGroup | null,
  offsets: GroupOffsets,
): Decision<ErrorName> {
  if (group === null) return unchanged(group, 'GROUP_ID_NOT_FOUND')
  if (group.state !== 'Empty') return unchanged(group, 'NON_EMPTY_GROUP')
  return removeGroup(group, allTombstones(group.groupId, offsets), 'offsetDeletions', 'NONE')
}

/**
 * Which topic has a name now: its id, or undefined when there is none. An offset belongs to the
 * topic that had the name when it was committed.
 */
export type TopicLookup = (name: string) => Uuid | undefined

/** Drops the offsets of topics that are gone, or that have been replaced by others of the same name. */
export function decideTopicsGone(
  group: ClassicGroup | null,
  offsets: GroupOffsets,
  topicIdOf: TopicLookup,
): Decision<undefined> {
  if (group === null) return unchanged(group, undefined)
  const records: CoordinatorRecord[] = []
  for (const [topic, partitions] of offsets.byTopic) {
    const topicId = topicIdOf(topic)
    for (const [partition, committed] of partitions) {
      const isOfThisTopic = committed.topicId === ZERO_UUID || committed.topicId === topicId
      if (topicId === undefined || !isOfThisTopic) {
        records.push(tombstone(group.groupId, topic, partition))
      }
    }
  }
  return remove(group, records, 'offsetDeletions', undefined)
}

/**
 * Drops offsets that nobody has used for as long as they are kept (KIP-211), and the group itself
 * once it is empty in every sense. When the time begins depends on the group: for one without
 * members when it became so; for a simple one, and for topics that a stable group has given up, at
 * the commit. During a rebalance nothing expires.
 */
export function decideExpiry(
  group: ClassicGroup | null,
  offsets: GroupOffsets,
  { nowMs, config }: DecisionContext,
): Decision<undefined> {
  if (group === null) return unchanged(group, undefined)
  const since = retentionStart(group)
  if (since === null && offsets.size > 0) return unchanged(group, undefined)

  const records: CoordinatorRecord[] = []
  for (const [topic, partitions] of offsets.byTopic) {
    if (isSubscribedTo(group, topic)) continue
    for (const [partition, committed] of partitions) {
      const expired =
        committed.expiresAtMs >= 0
          ? nowMs >= committed.expiresAtMs
          : nowMs - (since?.(committed) ?? nowMs) >= config.offsetsRetentionMs
      if (expired) records.push(tombstone(group.groupId, topic, partition))
    }
  }
  const isForgotten =
    group.state === 'Empty' && group.pendingJoins.size === 0 && records.length === offsets.size
  return isForgotten
    ? removeGroup(group, records, 'offsetExpirations', undefined)
    : remove(group, records, 'offsetExpirations', undefined)
}

function retentionStart(group: ClassicGroup): ((offset: CommittedOffset) => number) | null {
  const sinceCommit = (offset: CommittedOffset): number => offset.committedAtMs
  if (group.protocolType === null) return sinceCommit
  if (group.state === 'Empty') {
    return group.stateSinceMs < 0 ? sinceCommit : () => group.stateSinceMs
  }
  const isSettled = group.state === 'Stable' && group.subscribedTopics !== null
  return isSettled && group.protocolType === CONSUMER_PROTOCOL_TYPE ? sinceCommit : null
}

function remove<Answer>(
  group: ClassicGroup,
  records: readonly CoordinatorRecord[],
  counter: 'offsetDeletions' | 'offsetExpirations',
  answer: Answer,
): Decision<Answer> {
  return { group, records, effects: [{ kind: 'count', counter, by: records.length }], answer }
}

function removeGroup<Answer>(
  group: ClassicGroup,
  tombstones: readonly CoordinatorRecord[],
  counter: 'offsetDeletions' | 'offsetExpirations',
  answer: Answer,
): Decision<Answer> {
  return {
    group: null,
    records: [...tombstones, groupTombstone(group.groupId)],
    effects: [
      { kind: 'count', counter, by: tombstones.length },
      { kind: 'count', counter: 'deletedGroups', by: 1 },
      ...[...group.pendingJoins].map((memberId) => ({ kind: 'end-session', memberId }) as const),
    ],
    answer,
  }
}

function allTombstones(groupId: string, offsets: GroupOffsets): CoordinatorRecord[] {
  const records: CoordinatorRecord[] = []
  for (const [topic, partitions] of offsets.byTopic) {
    for (const partition of partitions.keys()) records.push(tombstone(groupId, topic, partition))
  }
  return records
}

function tombstone(groupId: string, topic: string, partition: number): CoordinatorRecord {
  return { kind: 'offset', groupId, topic, partition, value: null }
}
