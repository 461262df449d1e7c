import type { Uuid } from '../../../kit/index.ts'
import { ZERO_UUID } from '../../../kit/index.ts'
import type { ClassicGroup } from '../classic/group.ts'
import type { Decision } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { CommittedOffset } from '../port.ts'
import type { CoordinatorRecord } from '../records/coordinator-record.ts'
import type { GroupOffsets } from './group-offsets.ts'

/** What became of topics. A name is given away again; an id belongs to one topic for ever. */
export interface TopicLookup {
  /** The topic that has the name now. */
  idOf(name: string): Uuid | undefined
  /** The name of a topic that is there. */
  nameOf(id: Uuid): string | undefined
  /** The topic that had the name last, was deleted, and can be restored. */
  retainedIdOf(name: string): Uuid | undefined
  /** Whether a topic was deleted and can be restored. */
  isRetained(id: Uuid): boolean
}

/**
 * Lets offsets follow their topics. Those of a topic that was deleted are put aside under its id, so
 * that nobody finds them under the name, and come back with it, under the name that it then has;
 * when the topic is purged they go.
 */
export function decideFollowTopics(
  group: ClassicGroup | null,
  offsets: GroupOffsets,
  parked: GroupOffsets,
  topics: TopicLookup,
): Decision<undefined> {
  if (group === null) return unchanged(group, undefined)
  const { groupId } = group
  const records: CoordinatorRecord[] = []
  let removed = 0
  for (const [topic, partitions] of offsets.byTopic) {
    const present = topics.idOf(topic)
    for (const [partition, committed] of partitions) {
      const belongsTo = ownerOf(topic, committed, topics)
      if (present !== undefined && belongsTo === present) continue
      records.push({ kind: 'offset', groupId, topic, partition, value: null })
      removed++
      if (belongsTo !== undefined && topics.isRetained(belongsTo)) {
        const value = { ...committed, topicId: belongsTo }
        records.push({ kind: 'parked-offset', groupId, topicId: belongsTo, partition, value })
      }
    }
  }
  for (const [topicId, partitions] of parked.byTopic) {
    if (topics.isRetained(topicId)) continue
    const topic = topics.nameOf(topicId)
    for (const [partition, value] of partitions) {
      records.push({ kind: 'parked-offset', groupId, topicId, partition, value: null })
      if (topic === undefined || offsets.has(topic, partition)) continue
      records.push({ kind: 'offset', groupId, topic, partition, value })
    }
  }
  const effects = [{ kind: 'count', counter: 'offsetDeletions', by: removed }] as const
  return { group, records, effects, answer: undefined }
}

/** The topic that the offset was committed for. Old commits do not say: then it is whoever has, or had, the name. */
function ownerOf(
  topic: string,
  { topicId }: CommittedOffset,
  topics: TopicLookup,
): Uuid | undefined {
  if (topicId !== ZERO_UUID) return topicId
  return topics.idOf(topic) ?? topics.retainedIdOf(topic)
}
