import type { ErrorName } from '../../../protocol/index.ts'
import type { DeleteGroupOffsets } from '../../control/index.ts'
import type { ClassicGroup } from '../classic/group.ts'
import { CONSUMER_PROTOCOL_TYPE, isSubscribedTo } from '../classic/group.ts'
import type { Decision, DecisionContext } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { CommittedOffset } from '../port.ts'
import type { CoordinatorRecord } from '../records/coordinator-record.ts'
import { groupTombstone } from '../records/group-metadata.ts'
import type { GroupOffsets } from './group-offsets.ts'

/** Decides an OffsetDelete (KIP-496) of one topic: offsets that no member of the group uses may go. */
export function decideDeleteOffsets(
  group: ClassicGroup | null,
  offsets: GroupOffsets,
  { topic, partitions }: Pick<DeleteGroupOffsets, 'topic' | 'partitions'>,
): Decision<ErrorName> {
  if (group === null) return unchanged(group, 'GROUP_ID_NOT_FOUND')
  if (group.state !== 'Empty' && group.protocolType !== CONSUMER_PROTOCOL_TYPE) {
    return unchanged(group, 'NON_EMPTY_GROUP')
  }
  if (isSubscribedTo(group, topic)) return unchanged(group, 'GROUP_SUBSCRIBED_TO_TOPIC')
  // A partition may be named several times, and goes once.
  const chosen = new Set(partitions.filter((partition) => offsets.has(topic, partition)))
  const records = [...chosen].map((partition) => tombstone(group.groupId, topic, partition))
  return remove(group, records, 'offsetDeletions', 'NONE')
}

/** Decides a DeleteGroups: a group without members goes, with its offsets. */
export function decideDeleteGroup(
  group: ClassicGroup | null,
  offsets: GroupOffsets,
  parked: GroupOffsets,
): Decision<ErrorName> {
  if (group === null) return unchanged(group, 'GROUP_ID_NOT_FOUND')
  if (group.state !== 'Empty') return unchanged(group, 'NON_EMPTY_GROUP')
  const tombstones = allTombstones(group.groupId, offsets, parked)
  return removeGroup(group, tombstones, 'offsetDeletions', 'NONE')
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
  parked: GroupOffsets,
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
  // A group whose topic was deleted is there when the topic is restored.
  const isForgotten =
    group.state === 'Empty' &&
    group.pendingJoins.size === 0 &&
    records.length === offsets.size &&
    parked.size === 0
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

function allTombstones(
  groupId: string,
  offsets: GroupOffsets,
  parked: GroupOffsets,
): CoordinatorRecord[] {
  const records: CoordinatorRecord[] = []
  for (const [topic, partitions] of offsets.byTopic) {
    for (const partition of partitions.keys()) records.push(tombstone(groupId, topic, partition))
  }
  for (const [topicId, partitions] of parked.byTopic) {
    for (const partition of partitions.keys()) {
      records.push({ kind: 'parked-offset', groupId, topicId, partition, value: null })
    }
  }
  return records
}

function tombstone(groupId: string, topic: string, partition: number): CoordinatorRecord {
  return { kind: 'offset', groupId, topic, partition, value: null }
}
