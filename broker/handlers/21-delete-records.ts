import { DeleteRecordsRequest, DeleteRecordsResponse, errors } from '../../protocol/index.ts'
import type { DeleteRecords } from '../control/index.ts'
import { actorOf } from './actor.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'
import { findPartition } from './partitions.ts'

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
    const commands: DeleteRecords[] = []
    const pending: { readonly command: number; readonly code: number }[][] = topics.map((asked) => {
      const topic = broker.control.state.topics.get(asked.name)
      return asked.partitions.map(({ partitionIndex, offset }) => {
        const found = findPartition(broker, topic, partitionIndex)
        if (typeof found === 'string') return { command: -1, code: errors[found].code }
        commands.push({
          kind: 'records.delete',
          ...{ topic: asked.name, partition: partitionIndex, offset },
        })
        return { command: commands.length - 1, code: errors.NONE.code }
      })
    })
    const outcomes =
      commands.length > 0 ? await broker.control.execute(commands, actorOf(context)) : []
    return {
      topics: topics.map(({ name, partitions }, topicAt) => ({
        name,
        partitions: partitions.map(({ partitionIndex }, at) => {
          const { command, code } = pending[topicAt]?.[at] ?? NOTHING
          const outcome = outcomes[command]
          return {
            partitionIndex,
            lowWatermark: outcome?.after?.logStartOffset ?? NO_LOW_WATERMARK,
            errorCode: outcome ? errorCodeOf(outcome.error) : code,
          }
        }),
      })),
    }
  },
)

const NOTHING = { command: -1, code: errors.UNKNOWN_SERVER_ERROR.code }
