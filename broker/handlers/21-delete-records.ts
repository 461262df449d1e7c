import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../protocol/index.ts'
import type { DeleteRecords } from '../control/index.ts'
import { actorOf } from './actor.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'

const NO_LOW_WATERMARK = -1

/**
 * DeleteRecords v0-v2 (KIP-107): moves the start of a partition up to an offset; -1 is the high
 * watermark. Each partition is a control command of its own, recorded in the history as an intent
 * and an outcome, because what is gone cannot be brought back. Internal topics refuse.
 */
export const deleteRecords = defineHandler(
  DeleteRecordsRequest,
  DeleteRecordsResponse,
  {
    versions: '0-2',
    stage: 'ordered',
    permissions: [{ operation: 'DELETE', resource: 'TOPIC' }],
    skipped: [
      'timeoutMs: the answer comes when the new start is durable, however long that takes.',
    ],
  },
  async ({ topics }, context, broker) => {
    const commands = topics.flatMap(({ name: topic, partitions }) =>
      partitions.map(
        ({ partitionIndex: partition, offset }): DeleteRecords => ({
          kind: 'records.delete',
          ...{ topic, partition, offset },
        }),
      ),
    )
    const outcomes = await broker.control.execute(commands, actorOf(context))
    let next = 0
    return {
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => {
          const outcome = outcomes[next++]
          return {
            partitionIndex,
            lowWatermark: outcome?.after?.logStartOffset ?? NO_LOW_WATERMARK,
            errorCode: errorCodeOf(outcome?.error ?? 'UNKNOWN_SERVER_ERROR'),
          }
        }),
      })),
    }
  },
)
