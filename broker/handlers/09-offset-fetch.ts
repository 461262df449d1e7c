import type { Encodable, ErrorName } from '../../protocol/index.ts'
import { errors, OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/index.ts'
import type { CommittedOffset, FetchOffsetsAnswer } from '../groups/index.ts'
import { accessOf, isAllowed } from './authorize.ts'
import { repeated } from './config-resources.ts'
import type { RequestContext } from './handler.ts'
import { defineHandler } from './handler.ts'
import { distinctPartitions } from './partitions.ts'
import type { BrokerServices } from './services.ts'

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
 * error; one that is asked for several times is answered once. With `requireStable` (KIP-447) it waits for commits that are under way; there are no
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
  async (request, context, broker) => {
    const { apiVersion } = context
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
              : await answer(question, requireStable, context, broker)),
          })),
        ),
      }
    }
    const { errorCode, topics } = await answer(request, requireStable, context, broker)
    if (errorCode === errors.NONE.code || apiVersion >= FIRST_VERSION_WITH_TOP_LEVEL_ERROR) {
      return { errorCode, topics }
    }
    return { topics: failed(request.topics ?? [], errorCode) }
  },
)

async function answer(
  { groupId, topics }: Question,
  requireStable: boolean,
  context: RequestContext,
  broker: BrokerServices,
): Promise<{ readonly errorCode: number; readonly topics: TopicOffsets }> {
  if (!isAllowed(context, broker, 'DESCRIBE', 'GROUP', groupId)) {
    return { errorCode: errors.GROUP_AUTHORIZATION_FAILED.code, topics: [] }
  }
  const { error, offsets } = await broker.groups.fetchOffsets(groupId, requireStable)
  const errorCode = errors[error].code
  if (error !== 'NONE') return { errorCode, topics: [] }
  if (topics === null) {
    const access = accessOf(context, broker)
    return { errorCode, topics: all(offsets, (name) => access.may('DESCRIBE', 'TOPIC', name)) }
  }
  const mayDescribe = (name: string) => isAllowed(context, broker, 'DESCRIBE', 'TOPIC', name)
  return { errorCode, topics: asked(topics, offsets, mayDescribe) }
}

function all(
  offsets: FetchOffsetsAnswer['offsets'],
  mayDescribe: (topic: string) => boolean,
): TopicOffsets {
  return [...offsets]
    .filter(([name]) => mayDescribe(name))
    .map(([name, partitions]) => ({
      name,
      partitions: [...partitions].map(([index, committed]) => describe(index, committed)),
    }))
}

function asked(
  topics: NonNullable<Question['topics']>,
  offsets: FetchOffsetsAnswer['offsets'],
  mayDescribe: (topic: string) => boolean,
): TopicOffsets {
  // A commit may have kilobytes of metadata, and the number of its partition has four bytes.
  return [...distinctPartitions(topics)].map(([name, distinct]) => {
    const partitionIndexes = [...distinct]
    if (!mayDescribe(name)) {
      const [denied] = failed([{ name, partitionIndexes }], errors.TOPIC_AUTHORIZATION_FAILED.code)
      return denied ?? { name, partitions: [] }
    }
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
