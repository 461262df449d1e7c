import type { Encodable } from '../../protocol/index.ts'
import {
  errors,
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from '../../protocol/index.ts'
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
  ({ topics }, _context, broker) => ({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((asked) => epochEnd(broker, topic, asked)),
    })),
  }),
)

function epochEnd(broker: BrokerServices, topic: string, asked: AskedPartition): EpochEnd {
  const { partition } = asked
  const log = findPartition(broker, broker.control.state.topics.get(topic), partition)
  const error = typeof log === 'string' ? log : checkLeaderEpoch(log, asked.currentLeaderEpoch)
  if (typeof log === 'string' || error !== 'NONE') {
    const errorCode = errors[error].code
    return { errorCode, partition, leaderEpoch: UNDEFINED, endOffset: UNDEFINED }
  }
  const end = broker.log.endOfEpoch(log, asked.leaderEpoch)
  return {
    errorCode: errors.NONE.code,
    partition,
    leaderEpoch: end?.leaderEpoch ?? UNDEFINED,
    endOffset: end?.endOffset ?? UNDEFINED,
  }
}
