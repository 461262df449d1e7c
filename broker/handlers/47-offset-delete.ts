import type { ErrorName } from '../../protocol/index.ts'
import { errors, OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/index.ts'
import type { DeleteGroupOffsets } from '../control/index.ts'
import { actorOf } from './actor.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'

/** Errors of a topic; all others are about the group, and answered for the request as a whole. */
const TOPIC_ERRORS: readonly ErrorName[] = [
  'NONE',
  'GROUP_SUBSCRIBED_TO_TOPIC',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_OR_PARTITION',
]

/** OffsetDelete v0 (KIP-496): removes offsets of topics that no member of the group subscribes to. */
export const offsetDelete = defineHandler(
  OffsetDeleteRequest,
  OffsetDeleteResponse,
  {
    versions: '0',
    stage: 'ordered',
    permissions: [
      { operation: 'DELETE', resource: 'GROUP' },
      { operation: 'READ', resource: 'TOPIC' },
    ],
  },
  async ({ groupId, topics }, context, broker) => {
    const exists = (name: string, partition: number): boolean =>
      partition >= 0 && partition < (broker.control.state.topics.get(name)?.partitionCount ?? 0)
    // One for each topic, also when none of its partitions exists: the group may refuse it.
    const commands = topics.map(
      ({ name: topic, partitions }): DeleteGroupOffsets => ({
        kind: 'group.offsets.delete',
        ...{ groupId, topic },
        partitions: partitions
          .map(({ partitionIndex }) => partitionIndex)
          .filter((partition) => exists(topic, partition)),
      }),
    )
    const outcomes = await broker.control.execute(commands, actorOf(context))
    const ofGroup = outcomes.find(({ error }) => !TOPIC_ERRORS.includes(error))
    if (ofGroup) return { errorCode: errorCodeOf(ofGroup.error), topics: [] }
    return {
      errorCode: errors.NONE.code,
      topics: topics.map(({ name, partitions }, index) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => {
          const error = outcomes[index]?.error ?? 'UNKNOWN_SERVER_ERROR'
          const isKnown = error === 'TOPIC_AUTHORIZATION_FAILED' || exists(name, partitionIndex)
          return {
            partitionIndex,
            errorCode: errorCodeOf(isKnown ? error : 'UNKNOWN_TOPIC_OR_PARTITION'),
          }
        }),
      })),
    }
  },
)
