import { ZERO_UUID } from '../../../kit/index.ts'
import type { ErrorName } from '../../../protocol/index.ts'
import type { ClassicGroup } from '../classic/group.ts'
import { checkMember, emptyGroup } from '../classic/group.ts'
import type { Decision, DecisionContext, Effect } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { CommitAnswer, CommitRequest, CommittedOffset } from '../port.ts'
import type { CoordinatorRecord } from '../records/coordinator-record.ts'

type CommittedPartition = CommitRequest['topics'][number]['partitions'][number]

/**
 * Decides an OffsetCommit. A member commits for its generation; a consumer that manages its
 * partitions itself (generation -1) may commit while the group has no members, and creates the
 * group with that.
 */
export function decideCommit(
  existing: ClassicGroup | null,
  request: CommitRequest,
  context: DecisionContext,
): Decision<CommitAnswer> {
  const error = checkCommit(existing, request)
  if (error !== 'NONE') return unchanged(existing, commitError(request, error))

  const { nowMs, config } = context
  // Of a partition that is named several times the last offset counts, so that there are never
  // more records than partitions.
  const latest = new Map<string, Map<number, CoordinatorRecord>>()
  const partitions = request.topics.map((topic) => {
    const ofTopic = latest.get(topic.name) ?? new Map<number, CoordinatorRecord>()
    latest.set(topic.name, ofTopic)
    return topic.partitions.map((partition): ErrorName => {
      const { metadata } = partition
      if (metadata !== null && metadata.length > config.offsetMetadataMaxSize) {
        return 'OFFSET_METADATA_TOO_LARGE'
      }
      const value = committed(request, topic.id, partition, nowMs)
      const { groupId } = request
      ofTopic.set(partition.index, {
        kind: 'offset',
        groupId,
        topic: topic.name,
        partition: partition.index,
        value,
      })
      return 'NONE'
    })
  })
  const records = [...latest.values()].flatMap((ofTopic) => [...ofTopic.values()])
  const group = existing ?? emptyGroup(request.groupId)
  const effects: Effect[] = [
    { kind: 'count', counter: 'offsetCommits', by: records.length },
    ...signOfLife(group, request.memberId),
  ]
  return { group: records.length > 0 ? group : existing, records, effects, answer: { partitions } }
}

/** The same error for every partition. */
export function commitError(request: CommitRequest, error: ErrorName): CommitAnswer {
  return { partitions: request.topics.map(({ partitions }) => partitions.map(() => error)) }
}

function checkCommit(group: ClassicGroup | null, request: CommitRequest): ErrorName {
  const { generationId, memberId, groupInstanceId } = request
  if (group === null) return generationId < 0 ? 'NONE' : request.unknownGroupError
  if (generationId < 0 && group.state === 'Empty') return 'NONE'
  if (generationId < 0 && memberId === '' && groupInstanceId === null) {
    // Somebody outside of the group wants to commit under its members.
    return 'UNKNOWN_MEMBER_ID'
  }
  const standing = checkMember(group, memberId, groupInstanceId)
  if (standing !== 'NONE') return standing
  if (generationId !== group.generationId) return 'ILLEGAL_GENERATION'
  return group.state === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE'
}

function committed(
  request: CommitRequest,
  topicId: string,
  partition: CommittedPartition,
  nowMs: number,
): CommittedOffset {
  const expires = request.retentionMs >= 0
  return {
    // -1 says "no offset" to whoever reads it; nothing below has a meaning.
    offset: Math.max(partition.offset, -1),
    // The one version of the record that says when an offset expires has neither of these, and
    // memory must not know more than a restart will. No client that sends a retention sends an epoch.
    leaderEpoch: expires ? -1 : partition.leaderEpoch,
    topicId: expires ? ZERO_UUID : topicId,
    metadata: partition.metadata ?? '',
    committedAtMs: partition.committedAtMs < 0 ? nowMs : partition.committedAtMs,
    expiresAtMs: expires ? clampedSum(nowMs, request.retentionMs) : -1,
  }
}

/** A commit proves that its member is alive, where members are watched. */
function signOfLife(group: ClassicGroup, memberId: string): readonly Effect[] {
  const member = group.members.get(memberId)
  if (!member || group.state === 'CompletingRebalance') return []
  return [{ kind: 'begin-session', memberId, timeoutMs: member.sessionTimeoutMs }]
}

/** A retention of Long.MAX_VALUE means for ever. */
function clampedSum(nowMs: number, durationMs: number): number {
  return Math.min(nowMs + durationMs, Number.MAX_SAFE_INTEGER)
}
