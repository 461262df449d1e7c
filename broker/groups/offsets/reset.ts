import type { Uuid } from '../../../kit/index.ts'
import type { GroupAnswer, ResetGroupOffsets } from '../../control/index.ts'
import type { ClassicGroup } from '../classic/group.ts'
import { emptyGroup } from '../classic/group.ts'
import type { Decision, DecisionContext } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { CoordinatorRecord } from '../records/coordinator-record.ts'
import type { GroupOffsets } from './group-offsets.ts'

/** Which topic has a name, and how many partitions; undefined when there is none. */
export type TopicSize = (
  name: string,
) => { readonly id: Uuid; readonly partitionCount: number } | undefined

/**
 * Decides a reset of committed offsets. Nobody may be a member: members would go on from where they
 * are, and overwrite what was reset with their next commit.
 */
export function decideReset(
  group: ClassicGroup | null,
  offsets: GroupOffsets,
  { groupId, offsets: asked }: ResetGroupOffsets,
  topicOf: TopicSize,
  { nowMs }: DecisionContext,
): Decision<GroupAnswer> {
  const refuse = (error: GroupAnswer['error'], message: string) =>
    unchanged<GroupAnswer>(group, { error, message })
  if (group !== null && group.state !== 'Empty') {
    return refuse('NON_EMPTY_GROUP', `The group ${groupId} has members.`)
  }
  const records = new Map<string, CoordinatorRecord>()
  for (const { topic, partition, offset, expected, leaderEpoch = -1, metadata = '' } of asked) {
    const found = topicOf(topic)
    if (!found || partition < 0 || partition >= found.partitionCount) {
      return refuse('UNKNOWN_TOPIC_OR_PARTITION', `There is no partition ${topic}-${partition}.`)
    }
    if (offset !== null && (!Number.isSafeInteger(offset) || offset < 0)) {
      return refuse('INVALID_REQUEST', `${offset} is not an offset.`)
    }
    const key = `${topic}-${partition}`
    if (records.has(key)) return refuse('INVALID_REQUEST', `${key} is named twice.`)
    const present = offsets.byTopic.get(topic)?.get(partition)?.offset ?? null
    if (expected !== undefined && expected !== present) {
      return refuse('INVALID_UPDATE_VERSION', `${key} is committed at ${present}, not ${expected}.`)
    }
    if (offset === null && !offsets.has(topic, partition)) continue
    const value =
      offset === null
        ? null
        : {
            ...{ offset, leaderEpoch, metadata, topicId: found.id },
            ...{ committedAtMs: nowMs, expiresAtMs: -1 },
          }
    records.set(key, { kind: 'offset', groupId, topic, partition, value })
  }
  return {
    group: records.size > 0 ? (group ?? emptyGroup(groupId)) : group,
    records: [...records.values()],
    effects: [],
    answer: { error: 'NONE', message: null },
  }
}
