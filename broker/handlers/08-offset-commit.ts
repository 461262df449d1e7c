import type { ErrorName } from '../../protocol/index.ts'
import { errors, OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/index.ts'
import type { Topic } from '../control/index.ts'
import type { CommitAnswer, CommitRequest } from '../groups/index.ts'
import { isAllowed } from './authorize.ts'
import type { RequestContext } from './handler.ts'
import { defineHandler } from './handler.ts'
import type { BrokerServices } from './services.ts'

/** From here on a generation of a group that does not exist has an error of its own (KIP-848). */
const FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND = 9

/**
 * OffsetCommit v0-v9: keeps how far a group has come. Version 0 meant ZooKeeper; it is stored like
 * the others. Versions 2 to 4 may bring a retention of their own (kept until KIP-211). Partitions
 * that do not exist are refused one by one, the others are committed together.
 */
export const offsetCommit = defineHandler(
  OffsetCommitRequest,
  OffsetCommitResponse,
  {
    versions: '0-9',
    stage: 'ordered',
    permissions: [
      { operation: 'READ', resource: 'GROUP' },
      { operation: 'READ', resource: 'TOPIC' },
    ],
    notes: ['v0: offsets go to __consumer_offsets, not to ZooKeeper.'],
    skipped: ['v10 (topic ids): unstable in Kafka 4.1.'],
  },
  async (request, context, broker) => {
    const { apiVersion } = context
    if (!isAllowed(context, broker, 'READ', 'GROUP', request.groupId)) return denied(request)
    const topics = request.topics.map((topic) => {
      const isReadable = isAllowed(context, broker, 'READ', 'TOPIC', topic.name)
      const existing = isReadable ? broker.control.state.topics.get(topic.name) : undefined
      return { ...topic, isReadable, existing }
    })
    const commit = commitOf(request, topics, apiVersion)
    const hasPartitions = commit.topics.some(({ partitions }) => partitions.length > 0)
    const answer: CommitAnswer = hasPartitions
      ? await broker.groups.commitOffsets(commit)
      : { partitions: [] }
    follow(commit, answer, context, broker)
    return {
      topics: topics.map(({ name, partitions, isReadable, existing }, t) => {
        const missing: ErrorName = isReadable
          ? 'UNKNOWN_TOPIC_OR_PARTITION'
          : 'TOPIC_AUTHORIZATION_FAILED'
        const committed = (answer.partitions[t] ?? []).values()
        return {
          name,
          partitions: partitions.map(({ partitionIndex }) => {
            const error: ErrorName = exists(existing, partitionIndex)
              ? (committed.next().value ?? 'UNKNOWN_SERVER_ERROR')
              : missing
            return { partitionIndex, errorCode: errors[error].code }
          }),
        }
      }),
    }
  },
)

function denied({ topics }: OffsetCommitRequest) {
  const errorCode = errors.GROUP_AUTHORIZATION_FAILED.code
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }
}

type RequestedTopic = OffsetCommitRequest['topics'][number] & {
  readonly existing: Topic | undefined
}

function commitOf(
  request: OffsetCommitRequest,
  topics: readonly RequestedTopic[],
  apiVersion: number,
): CommitRequest {
  return {
    groupId: request.groupId,
    generationId: request.generationIdOrMemberEpoch,
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    retentionMs: request.retentionTimeMs,
    unknownGroupError:
      apiVersion >= FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND
        ? 'GROUP_ID_NOT_FOUND'
        : 'ILLEGAL_GENERATION',
    topics: topics.map(({ name, partitions, existing }) => ({
      name,
      id: existing?.id ?? '',
      partitions: partitions
        .filter(({ partitionIndex }) => exists(existing, partitionIndex))
        .map((partition) => ({
          index: partition.partitionIndex,
          offset: partition.committedOffset,
          leaderEpoch: partition.committedLeaderEpoch,
          metadata: partition.committedMetadata,
          committedAtMs: partition.commitTimestamp,
        })),
    })),
  }
}

/** Tells the traces of records that this commit is the end of. */
function follow(
  { groupId, topics }: CommitRequest,
  { partitions: errorsByTopic }: CommitAnswer,
  context: RequestContext,
  { recordTracing }: BrokerServices,
): void {
  if (!recordTracing?.isFollowing) return
  for (const [t, { id, partitions }] of topics.entries()) {
    for (const [p, { index, offset }] of partitions.entries()) {
      if (errorsByTopic[t]?.[p] !== 'NONE') continue
      recordTracing.committed(context, groupId, id, index, offset)
    }
  }
}

function exists(topic: Topic | undefined, partition: number): boolean {
  return topic !== undefined && partition >= 0 && partition < topic.partitionCount
}
