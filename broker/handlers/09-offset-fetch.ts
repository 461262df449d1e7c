import type { Encodable, ErrorName } from '../../protocol/index.ts'
import { errors, OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/index.ts'
import type { CommittedOffset, FetchOffsetsAnswer, GroupCoordinator } from '../groups/index.ts'
import { repeated } from './config-resources.ts'
import { defineHandler } from './handler.ts'

/** Many groups in one request (KIP-709). */
const FIRST_VERSION_WITH_GROUPS = 8
/** Before it, an error of the group stands with every partition. */
const FIRST_VERSION_WITH_TOP_LEVEL_ERROR = 2

/** A group's question, in the form that all versions share: topics null asks for all there are. */
interface Question {
  readonly groupId: string
  readonly topics:
    | readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[]
    | null
}

type TopicOffsets = NonNullable<Encodable<typeof OffsetFetchResponse>['topics']>

/**
 * OffsetFetch v0-v9: how far groups have come. A partition without an offset is answered -1 and no
 * error. With `requireStable` (KIP-447) it waits for commits that are under way; there are no
 * transactions yet that could keep an offset unstable for longer.
 */
export const offsetFetch = defineHandler(
  OffsetFetchRequest,
  OffsetFetchResponse,
  {
    versions: '0-9',
    stage: 'ordered',
    permissions: [
      { operation: 'DESCRIBE', resource: 'GROUP' },
      { operation: 'DESCRIBE', resource: 'TOPIC' },
    ],
    notes: [
      'v0: offsets come from __consumer_offsets, not from ZooKeeper; a missing one is -1 without an error.',
      'v8: a group that is asked for more than once is answered INVALID_REQUEST.',
      'v9: member id and epoch are not checked, as for every classic group.',
    ],
    skipped: ['v10 (topic ids): unstable in Kafka 4.1.'],
  },
  async (request, { apiVersion }, broker) => {
    const { requireStable } = request
    if (apiVersion >= FIRST_VERSION_WITH_GROUPS) {
      // A group may have many offsets, and its name is short: each is answered once.
      const duplicates = repeated(request.groups, ({ groupId }) => groupId)
      return {
        groups: await Promise.all(
          request.groups.map(async (question) => ({
            groupId: question.groupId,
            ...(duplicates.has(question)
              ? { errorCode: errors.INVALID_REQUEST.code, topics: [] }
              : await answer(question, requireStable, broker.groups)),
          })),
        ),
      }
    }
    const { errorCode, topics } = await answer(request, requireStable, broker.groups)
    if (errorCode === errors.NONE.code || apiVersion >= FIRST_VERSION_WITH_TOP_LEVEL_ERROR) {
      return { errorCode, topics }
    }
    return { topics: failed(request.topics ?? [], errorCode) }
  },
)

async function answer(
  { groupId, topics }: Question,
  requireStable: boolean,
  groups: GroupCoordinator,
): Promise<{ readonly errorCode: number; readonly topics: TopicOffsets }> {
  const { error, offsets } = await groups.fetchOffsets(groupId, requireStable)
  const errorCode = errors[error].code
  if (error !== 'NONE') return { errorCode, topics: [] }
  return { errorCode, topics: topics === null ? all(offsets) : asked(topics, offsets) }
}

function all(offsets: FetchOffsetsAnswer['offsets']): TopicOffsets {
  return [...offsets].map(([name, partitions]) => ({
    name,
    partitions: [...partitions].map(([index, committed]) => describe(index, committed)),
  }))
}

function asked(
  topics: NonNullable<Question['topics']>,
  offsets: FetchOffsetsAnswer['offsets'],
): TopicOffsets {
  return topics.map(({ name, partitionIndexes }) => {
    const partitions = offsets.get(name)
    return {
      name,
      partitions: partitionIndexes.map((index) => describe(index, partitions?.get(index))),
    }
  })
}

function failed(topics: NonNullable<Question['topics']>, errorCode: number): TopicOffsets {
  return topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((index) => ({ ...describe(index, undefined), errorCode })),
  }))
}

function describe(partitionIndex: number, committed: CommittedOffset | undefined) {
  const error: ErrorName = 'NONE'
  return {
    partitionIndex,
    committedOffset: committed?.offset ?? -1,
    committedLeaderEpoch: committed?.leaderEpoch ?? -1,
    metadata: committed?.metadata ?? '',
    errorCode: errors[error].code,
  }
}
