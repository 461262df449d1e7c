import {
  DescribeProducersRequest,
  DescribeProducersResponse,
  errors,
} from '../../protocol/index.ts'
import { topicNameFault } from '../control/index.ts'
import { isAllowed } from './authorize.ts'
import { defineHandler } from './handler.ts'
import { distinctPartitions, findPartition } from './partitions.ts'

/**
 * DescribeProducers v0 (KIP-664): the idempotent producers that a partition remembers. A partition
 * that is asked for several times is described once: it may remember many, and its number is short.
 */
export const describeProducers = defineHandler(
  DescribeProducersRequest,
  DescribeProducersResponse,
  {
    versions: '0',
    stage: 'ordered',
    permissions: [{ operation: 'READ', resource: 'TOPIC' }],
  },
  ({ topics }, context, broker) => ({
    topics: [...distinctPartitions(topics)].map(([name, partitionIndexes]) => {
      const topic = broker.control.state.topics.get(name)
      const isReadable = isAllowed(context, broker, 'READ', 'TOPIC', name)
      return {
        name,
        partitions: [...partitionIndexes].map((partitionIndex) => {
          const fault = topicNameFault(name) ? 'INVALID_TOPIC_EXCEPTION' : null
          const denied = isReadable ? null : 'TOPIC_AUTHORIZATION_FAILED'
          const log = fault ?? denied ?? findPartition(broker, topic, partitionIndex)
          if (typeof log === 'string') {
            const { code, message } = errors[log]
            return { partitionIndex, errorCode: code, errorMessage: message, activeProducers: [] }
          }
          return {
            partitionIndex,
            errorCode: errors.NONE.code,
            activeProducers: broker.log.producers(log).map((producer) => ({
              producerId: producer.producerId,
              producerEpoch: producer.producerEpoch,
              lastSequence: producer.lastSequence,
              lastTimestamp: producer.lastTimestampMs,
              coordinatorEpoch: producer.coordinatorEpoch,
              currentTxnStartOffset: producer.currentTransactionStartOffset,
            })),
          }
        }),
      }
    }),
  }),
)
