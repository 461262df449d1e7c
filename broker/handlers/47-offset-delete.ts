import type { ErrorName } from '../../protocol/index.ts'
import { errors, OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/index.ts'
import type { DeleteOffsetsAnswer } from '../groups/index.ts'
import { defineHandler } from './handler.ts'

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
  async ({ groupId, topics }, _context, broker) => {
    const exists = (name: string, partition: number): boolean =>
      partition >= 0 && partition < (broker.control.state.topics.get(name)?.partitionCount ?? 0)
    const answer: DeleteOffsetsAnswer = await broker.groups.deleteOffsets({
      groupId,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions
          .map(({ partitionIndex }) => partitionIndex)
          .filter((partition) => exists(name, partition)),
      })),
    })
    if (answer.error !== 'NONE') return { errorCode: errors[answer.error].code, topics: [] }
    return {
      errorCode: errors.NONE.code,
      topics: topics.map(({ name, partitions }, t) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => {
          const error: ErrorName = exists(name, partitionIndex)
            ? (answer.topics[t] ?? 'UNKNOWN_SERVER_ERROR')
            : 'UNKNOWN_TOPIC_OR_PARTITION'
          return { partitionIndex, errorCode: errors[error].code }
        }),
      })),
    }
  },
)
