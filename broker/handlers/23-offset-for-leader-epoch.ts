import type { Encodable, ErrorName } from '../../protocol/index.ts'
import {
  errors,
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from '../../protocol/index.ts'
import { isAllowed } from './authorize.ts'
import { defineHandler } from './handler.ts'
import { checkLeaderEpoch, findPartition } from './partitions.ts'
import type { BrokerServices } from './services.ts'

type AskedPartition = OffsetForLeaderEpochRequest['topics'][number]['partitions'][number]
type EpochEnd = Encodable<
  typeof OffsetForLeaderEpochResponse
>['topics'][number]['partitions'][number]

const UNDEFINED = -1

/**
 * OffsetForLeaderEpoch v0-v4 (KIP-101, KIP-279, KIP-320): where the newest epoch that is not newer
 * than the one asked for ended. Consumers ask to find out whether what they read was cut off.
 */
export const offsetForLeaderEpoch = defineHandler(
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
  {
    versions: '0-4',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE', resource: 'TOPIC' }],
    notes: ['The replica id is ignored: there are no followers.'],
  },
  ({ topics }, context, broker) => ({
    topics: topics.map(({ topic, partitions }) => {
      const mayDescribe = isAllowed(context, broker, 'DESCRIBE', 'TOPIC', topic)
      return {
        topic,
        partitions: partitions.map((asked) =>
          mayDescribe
            ? epochEnd(broker, topic, asked)
            : refused(asked.partition, 'TOPIC_AUTHORIZATION_FAILED'),
        ),
      }
    }),
  }),
)

function epochEnd(broker: BrokerServices, topic: string, asked: AskedPartition): EpochEnd {
  const { partition } = asked
  const log = findPartition(broker, broker.control.state.topics.get(topic), partition)
  const error = typeof log === 'string' ? log : checkLeaderEpoch(log, asked.currentLeaderEpoch)
  if (typeof log === 'string' || error !== 'NONE') return refused(partition, error)
  const end = broker.log.endOfEpoch(log, asked.leaderEpoch)
  return {
    errorCode: errors.NONE.code,
    partition,
    leaderEpoch: end?.leaderEpoch ?? UNDEFINED,
    endOffset: end?.endOffset ?? UNDEFINED,
  }
}

function refused(partition: number, error: ErrorName): EpochEnd {
  const errorCode = errors[error].code
  return { errorCode, partition, leaderEpoch: UNDEFINED, endOffset: UNDEFINED }
}
